-- What a store sells. A deleted row stays as the mark that its id was used.

create table products (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    uuid {text},
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    archived_at {bigint},
    deleted_at {bigint},
    name {text} not null,
    name_fold {text} not null,
    kind {text} not null,
    status {text} not null,
    position {bigint} not null,
    -- Null: as many as one wants.
    stock {bigint},
    details {text} not null,
    metadata {text} not null,
    primary key (store, id)
) {strict};

create unique index products_by_number on products (store, number);
create unique index products_by_uuid on products (store, uuid) where uuid is not null;
create index products_by_created on products (store, created_at, id) where deleted_at is null;
create index products_by_name on products (store, name_fold, id) where deleted_at is null;
create index products_by_position on products (store, position, id) where deleted_at is null;

create table prices (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    uuid {text},
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    archived_at {bigint},
    deleted_at {bigint},
    product {text} not null,
    name {text} not null,
    type {text} not null,
    currency {text} not null,
    position {bigint} not null,
    is_default {boolean} not null,
    -- Set by the first order: from then on the terms never change.
    sold {boolean} not null,
    replaces {text},
    terms {text} not null,
    description {text},
    unit {text},
    metadata {text} not null,
    primary key (store, id)
) {strict};

create unique index prices_by_number on prices (store, number);
create unique index prices_by_uuid on prices (store, uuid) where uuid is not null;
create index prices_of_product on prices (store, product, position, id) where deleted_at is null;
create index prices_by_created on prices (store, created_at, id) where deleted_at is null;

-- Which bundles a price is in: such a price cannot be deleted.
create table bundled_prices (
    store {bigint} not null,
    price {text} not null,
    bundle {text} not null,
    primary key (store, price, bundle)
) {strict};

create table features (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    archived_at {bigint},
    deleted_at {bigint},
    name {text} not null,
    name_fold {text} not null,
    description {text},
    type {text} not null,
    unit {text},
    metadata {text} not null,
    primary key (store, id)
) {strict};

create unique index features_by_number on features (store, number);
create index features_by_created on features (store, created_at, id) where deleted_at is null;

-- Which products give a feature: such a feature cannot be deleted.
create table product_features (
    store {bigint} not null,
    feature {text} not null,
    product {text} not null,
    primary key (store, feature, product)
) {strict};

create table coupons (
    store {bigint} not null,
    id {text} not null,
    number {bigint} not null,
    version {bigint} not null,
    created_at {bigint} not null,
    updated_at {bigint} not null,
    deleted_at {bigint},
    code {text} not null,
    code_fold {text} not null,
    name {text},
    description {text},
    active {boolean} not null,
    redeem_by {bigint},
    max_redemptions {bigint},
    max_per_customer {bigint},
    -- What it takes off, and how long.
    terms {text} not null,
    products {text} not null,
    metadata {text} not null,
    primary key (store, id)
) {strict};

create unique index coupons_by_number on coupons (store, number);
create unique index coupons_by_code on coupons (store, code_fold) where deleted_at is null;
create index coupons_by_created on coupons (store, created_at, id) where deleted_at is null;
