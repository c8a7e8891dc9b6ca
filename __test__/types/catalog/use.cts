// The same for `require`.
import Proyecta = require('@proyecta-ai/sdk');

const known: Proyecta.FeatureId = 'feat_export';
// @ts-expect-error no such feature
const unknown: Proyecta.FeatureId = 'feat_exprot';

export = { known, unknown };
