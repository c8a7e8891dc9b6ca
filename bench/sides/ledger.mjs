// better-sqlite3 beside renewals: the same by hand, and looking into a file that somebody else works on.

import { serve } from '../lib/side.mjs';
import { closeFiles, nextJob, outcome, renewByHand, underWay } from '../peer/renewals.mjs';

serve({ close: closeFiles, nextJob, underWay, outcome, renewByHand });
