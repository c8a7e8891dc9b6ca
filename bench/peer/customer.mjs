// A customer as the API shows it.
import { newId } from './ids.mjs';

/** The customer that a new row stands for. */
export function newCustomer(given, now) {
  const at = new Date(now / 1000).toISOString();
  return {
    id: newId('cus_'),
    object: 'customer',
    email: given.email,
    name: given.name,
    phone: null,
    address: null,
    key: null,
    username: null,
    status: 'normal',
    marketing: { sms: false, email: false, kakao: false },
    attributes: {},
    metadata: {},
    additionalRecipients: [],
    countryCode: null,
    shipping: null,
    lastLoginAt: null,
    dormantAt: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}
