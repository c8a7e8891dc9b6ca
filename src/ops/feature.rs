//! `commerce.features`: what a product gives to those who pay for it.

use super::{
    answer::{FeatureTypeWord, FeatureWord, MetadataJson, True},
    catalog::Version,
    param::{Limit, Loose, Maybe, MetadataChange, Text},
    read::{answer, input},
};
use crate::domain::{catalog::feature::FeatureType, customer::Patch, id::FeatureId, instant::Instant};

type Name = Text<255>;
type Description = Text<5000>;
type Label = Text<100>;

input! {
    /// A feature to be.
    pub struct FeatureCreateParams {
        /// An id of your own, by which your code asks for it: `feat_` and 1 to 60 letters, digits, `_` or `-`.
        "id" id: Option<FeatureId>,
        /// What people read.
        "name" name: Name,
        /// What it is, at length.
        "description" description: Option<Description>,
        /// What having it means: one has it or not (`'boolean'`, the default), so much of it may be used in a span of
        /// time (`'metered'`), so many may be there at once (`'limit'`), or a pool that is drawn from (`'credits'`).
        "type" kind: Option<FeatureType>,
        /// What one of it is called, such as `calls`.
        "unit" unit: Option<Label>,
        /// Your own notes: at most 50 keys of 40 characters with texts of 500.
        "metadata" metadata: MetadataChange,
    }
}

input! {
    /// Which feature.
    pub struct FeatureGetParams {
        /// `feat_…`
        "featureId" feature_id: FeatureId,
    }
}

input! {
    /// Which features to list; newest first.
    pub struct FeatureListParams {
        /// Part of the name, in any case; or an id or its beginning.
        "query" query: Option<Loose<200>>,
        /// Only those of this type.
        "type" kind: Option<FeatureType>,
        /// `true` lists those that are archived instead of those that are not.
        "archived" archived: Option<bool>,
        /// Features a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before, with the same filters.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// What to change about a feature; its type stays.
    pub struct FeatureUpdateParams {
        /// `feat_…`
        "featureId" feature_id: FeatureId,
        /// What people read.
        "name" name: Maybe<Name>,
        /// What it is, at length.
        "description" description: Patch<Description>,
        /// What one of it is called.
        "unit" unit: Patch<Label>,
        /// Your own notes; replaced key by key, `null` removes one.
        "metadata" metadata: MetadataChange,
        /// Only if the feature still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which feature to archive.
    pub struct FeatureArchiveParams {
        /// `feat_…`
        "featureId" feature_id: FeatureId,
        /// Only if the feature still has this version.
        "ifVersion" if_version: Version,
    }
}

input! {
    /// Which feature to delete.
    pub struct FeatureDeleteParams {
        /// `feat_…`
        "featureId" feature_id: FeatureId,
        /// Only if the feature still has this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// A feature: a key that your code asks for, and that products give.
    pub struct Feature {
        /// `feat_…`
        "id" id: FeatureId,
        /// Always `'feature'`.
        "object" object: FeatureWord,
        /// What people read.
        "name" name: String,
        /// What it is, at length.
        "description" description: Option<String>,
        /// What having it means.
        "type" kind: FeatureTypeWord,
        /// What one of it is called.
        "unit" unit: Option<String>,
        /// Your own notes.
        "metadata" metadata: MetadataJson,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When it came to be.
        "createdAt" created_at: Instant,
        /// When it last changed.
        "updatedAt" updated_at: Instant,
        /// Since when it is archived.
        "archivedAt" archived_at: Option<Instant>,
    }
}

answer! {
    /// What is left of a deleted feature.
    pub struct DeletedFeature {
        /// `feat_…`
        "id" id: FeatureId,
        /// Always `'feature'`.
        "object" object: FeatureWord,
        /// Always `true`.
        "deleted" deleted: True,
    }
}
