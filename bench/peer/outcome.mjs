/** What renewals came to: charges in the sandbox's books, and what they made. */
export const OUTCOME =
  "select (select count(*) from orders where type = 'renewal' and status = 'paid') as orders, " +
  "(select count(*) from payments where status = 'succeeded') as payments, " +
  '(select count(*) from sandbox_charges) as charges, ' +
  "(select count(*) from events where type = 'subscription.renewed') as events";
