-- What customers pay with. A deleted row stays as the mark that its id was
-- used, without anything that it held.
create table payment_methods (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    deleted_at {bigint},
    customer {text} not null,
    clock {text},
    is_default {boolean} not null,
    body {text} not null,
    -- The billing key, encrypted.
    secret {bytes} not null,
    primary key (store, id)
) {strict};

create unique index payment_methods_by_number on payment_methods (store, number);
create index payment_methods_of_customer on payment_methods (store, customer, created_at, id);
create unique index payment_methods_default on payment_methods (store, customer) where is_default;

-- The sandbox gateway's own books. Of a card's number there is only what
-- becomes of its charges, and the last four digits.
create table sandbox_cards (
    store {bigint} not null,
    id {text} not null,
    behaviour {text} not null,
    charges {bigint} not null,
    last4 {text} not null,
    forgotten {boolean} not null,
    primary key (store, id)
) {strict};

create table sandbox_charges (
    store {bigint} not null,
    key {text} not null,
    card {text} not null,
    n {bigint} not null,
    amount {bigint} not null,
    currency {text} not null,
    outcome {text} not null,
    at {bigint} not null,
    -- Sum of the refunds, in the smallest unit.
    refunded {bigint} not null,
    refunds {text} not null,
    primary key (store, key)
) {strict};
