-- Global tables: small, and the only ones whose keys do not start with the store.

create table stores (
    no {bigint} not null primary key,
    id {text} not null unique,
    mode {text} not null,
    timezone {text} not null,
    currency {text} not null,
    -- Key material: seals cursors, compares idempotent bodies.
    secret {bytes} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null
) {strict};

create table api_keys (
    hash {bytes} not null primary key,
    id {text} not null unique,
    store {bigint} not null,
    created_at {bigint} not null,
    last_used_at {bigint},
    revoked_at {bigint}
) {strict};

create index api_keys_of_store on api_keys (store);

-- Numbers come in blocks that a process reserves in a short transaction of
-- its own: a counter touched by every create would make them wait in line.
create table number_blocks (
    store {bigint} not null,
    kind {text} not null,
    next {bigint} not null,
    primary key (store, kind)
) {strict};

-- An app's own names for our objects.
create table external_references (
    store {bigint} not null,
    namespace {text} not null,
    kind {text} not null,
    value {text} not null,
    id {text} not null,
    primary key (store, namespace, kind, value)
) {strict};

create index external_references_of_object on external_references (store, kind, id);

-- E-mail and name may be null: dialects make customers known by a key alone,
-- and erasure leaves the row as the mark that the id was used.
create table customers (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    uuid {text},
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    deleted_at {bigint},
    clock {text},
    status {text} not null,
    dormant_at {bigint},
    last_login_at {bigint},
    email {text},
    email_fold {text} not null,
    -- The fold again while this customer holds the address as its natural key.
    email_key {text},
    name {text},
    name_fold {text} not null,
    phone {text},
    phone_given {text},
    address {text},
    shipping {text},
    recipients {text},
    country_code {text},
    username {text},
    key {text},
    marketing_sms {boolean} not null,
    marketing_email {boolean} not null,
    marketing_kakao {boolean} not null,
    attributes {text} not null,
    metadata {text} not null,
    primary key (store, id)
) {strict};

create unique index customers_by_email_key on customers (store, email_key) where email_key is not null;
create unique index customers_by_number on customers (store, number);
create index customers_by_created on customers (store, created_at, id) where deleted_at is null;
create index customers_by_name on customers (store, name_fold, id) where deleted_at is null;
create index customers_by_email on customers (store, email_fold, id) where deleted_at is null;
create index customers_dormant on customers (store, created_at, id) where status = 'dormant';

{search customer_search}

-- Hashes only: of the sign-up form's password, and of password fields.
create table customer_passwords (
    store {bigint} not null,
    customer {text} not null,
    field {text} not null,
    hash {text} not null,
    updated_at {bigint} not null,
    primary key (store, customer, field)
) {strict};

create table custom_fields (
    store {bigint} not null,
    key {text} not null,
    id {text} not null,
    type {text} not null,
    label {text} not null,
    required {boolean} not null,
    enabled {boolean} not null,
    position {bigint} not null,
    choices {text} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    primary key (store, key)
) {strict};

create table signup_forms (
    store {bigint} not null primary key,
    id {text} not null,
    account {text} not null,
    fields {text} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null
) {strict};

-- Written with every change. `seq` is given afterwards, in order and without
-- gaps, by one relay per store; snapshot and before are what erasure clears.
create table events (
    store {bigint} not null,
    id {text} not null,
    seq {bigint},
    type {text} not null,
    subject {text} not null,
    subject_version {bigint} not null,
    snapshot {text},
    before {text},
    actor_kind {text} not null,
    actor_id {text},
    request_id {text},
    clock {text},
    created_at {bigint} not null,
    primary key (store, id)
) {strict};

create unique index events_by_seq on events (store, seq) where seq is not null;
create index events_without_seq on events (store, id) where seq is null;
create index events_by_subject on events (store, subject);

create table event_relays (
    store {bigint} not null primary key,
    last_seq {bigint} not null
) {strict};

create table idempotency_keys (
    store {bigint} not null,
    operation {text} not null,
    key {text} not null,
    body {bytes} not null,
    answer {text},
    subject {text} not null,
    created_at {bigint} not null,
    expires_at {bigint} not null,
    primary key (store, operation, key)
) {strict};

create index idempotency_keys_by_expiry on idempotency_keys (store, expires_at);
create index idempotency_keys_by_subject on idempotency_keys (store, subject);
