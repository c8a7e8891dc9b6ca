-- Orders, payments, subscriptions and what makes them move. What no statement
-- looks for is in the body; the columns beside it follow from it.

create table subscriptions (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    customer {text} not null,
    -- The order that made it; null for one that was imported.
    order_id {text},
    status {text} not null,
    -- Whether anything can still follow.
    live {boolean} not null,
    clock {text},
    body {text} not null,
    metadata {text} not null,
    primary key (store, id)
) {strict};

create unique index subscriptions_by_number on subscriptions (store, number);
create index subscriptions_by_created on subscriptions (store, created_at, id);
create index subscriptions_by_status on subscriptions (store, status, created_at, id);
create index subscriptions_of_customer on subscriptions (store, customer, created_at, id);

-- Which subscription an item belongs to; items that were removed stay.
create table subscription_items (
    store {bigint} not null,
    id {text} not null,
    subscription {text} not null,
    primary key (store, id)
) {strict};

create table orders (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    customer {text} not null,
    -- The one that it is a further charge of.
    subscription {text},
    type {text} not null,
    status {text} not null,
    clock {text},
    body {text} not null,
    primary key (store, id)
) {strict};

-- Most orders are paid renewals: what is looked for among all by status or type
-- are the others, and only they are in those indexes.
create unique index orders_by_number on orders (store, number);
create index orders_by_created on orders (store, created_at, id);
create index orders_of_customer on orders (store, customer, created_at, id);
create index orders_of_subscription on orders (store, subscription, created_at, id) where subscription is not null;
create index orders_by_status on orders (store, status, created_at, id) where status <> 'paid';
create index orders_by_type on orders (store, type, created_at, id) where type <> 'renewal';

create table payments (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    -- Under which the gateway knows it.
    key {text} not null,
    customer {text} not null,
    order_id {text} not null,
    subscription {text},
    status {text} not null,
    clock {text},
    body {text} not null,
    primary key (store, id)
) {strict};

create unique index payments_by_number on payments (store, number);
create unique index payments_by_key on payments (store, key);
create index payments_by_created on payments (store, created_at, id);
create index payments_of_customer on payments (store, customer, created_at, id);
create index payments_of_order on payments (store, order_id, created_at, id);
create index payments_of_subscription on payments (store, subscription, created_at, id) where subscription is not null;
create index payments_by_status on payments (store, status, created_at, id) where status <> 'succeeded';

create table checkout_sessions (
    store {bigint} not null,
    id {text} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    customer {text} not null,
    order_id {text} not null,
    status {text} not null,
    clock {text},
    body {text} not null,
    primary key (store, id)
) {strict};

create index checkout_sessions_by_created on checkout_sessions (store, created_at, id);
create index checkout_sessions_of_customer on checkout_sessions (store, customer, created_at, id);

-- Global: a page's address holds nothing but the token. Only its SHA-256 is here.
create table public_tokens (
    token {bytes} not null primary key,
    store {bigint} not null,
    kind {text} not null,
    subject {text} not null
) {strict};

-- All future work; at most one job for each object.
create table jobs (
    store {bigint} not null,
    subject {text} not null,
    kind {text} not null,
    due_at {bigint} not null,
    -- The test clock that says when; the system's when null.
    clock {text},
    failures {bigint} not null,
    primary key (store, subject)
) {strict};

create index jobs_due on jobs (due_at, store, subject) where clock is null;
create index jobs_of_clock on jobs (store, clock, due_at, subject) where clock is not null;

create table test_clocks (
    store {bigint} not null,
    id {text} not null,
    version {bigint} not null,
    name {text},
    whole_store {boolean} not null,
    shows {bigint} not null,
    advancing_to {bigint},
    created_at {bigint} not null,
    updated_at {bigint} not null,
    primary key (store, id)
) {strict};

create unique index test_clocks_of_whole_store on test_clocks (store) where whole_store;

create table credit_balances (
    store {bigint} not null,
    customer {text} not null,
    currency {text} not null,
    balance {bigint} not null,
    primary key (store, customer, currency)
) {strict};

-- Entries are only ever added.
create table credits (
    store {bigint} not null,
    id {text} not null,
    customer {text} not null,
    currency {text} not null,
    amount {bigint} not null,
    balance {bigint} not null,
    reason {text} not null,
    order_id {text},
    created_at {bigint} not null,
    primary key (store, id)
) {strict};

create index credits_of_customer on credits (store, customer, created_at, id);

-- Record and quota count millionths.
create table usages (
    store {bigint} not null,
    id {text} not null,
    item {text} not null,
    subscription {text} not null,
    record {bigint} not null,
    quota {bigint} not null,
    used_at {bigint} not null,
    via {text} not null,
    payload {text},
    created_at {bigint} not null,
    primary key (store, id)
) {strict};

create index usages_of_item on usages (store, item, used_at, id);
create index usages_by_created on usages (store, item, created_at, id);
-- Texts go with their customer.
create index usages_with_text on usages (store, subscription) where payload is not null;

create table purchases (
    store {bigint} not null,
    customer {text} not null,
    product {text} not null,
    bought_at {bigint},
    trial_at {bigint},
    primary key (store, customer, product)
) {strict};

create table redemptions (
    store {bigint} not null,
    coupon {text} not null,
    order_id {text} not null,
    customer {text} not null,
    -- Until when it is kept for a payer; null for good.
    held_until {bigint},
    primary key (store, coupon, order_id)
) {strict};

-- Events of gateways that were taken: none counts twice.
create table gateway_events (
    store {bigint} not null,
    gateway {text} not null,
    event {text} not null,
    taken_at {bigint} not null,
    primary key (store, gateway, event)
) {strict};

-- When somebody has to look whether a customer has become dormant. For those
-- that there are: at once, which sets the right time.
alter table customers add column dormancy_at {bigint};
-- When the notice before it was given.
alter table customers add column dormancy_noticed_at {bigint};

update customers set dormancy_at = created_at where deleted_at is null;

create index customers_by_dormancy on customers (dormancy_at, store, id) where dormancy_at is not null and clock is null;
create index customers_of_clock on customers (store, clock, dormancy_at, id) where dormancy_at is not null and clock is not null;
