// The operations of settings with their parameters, for operations.js, where the kinds are explained.

const { OTHERS } = require('./settings.js');

const ADDRESS = {
  line1: 'text',
  line2: 'text',
  city: 'text',
  state: 'text',
  postal_code: 'text',
  country: 'country',
};

const SETTINGS = {
  'settings.get': { shape: 'SettingsGetParams', given: () => ({}), params: {} },
  'settings.update': {
    shape: 'SettingsUpdateParams',
    given: () => OTHERS,
    params: {
      timezone: 'zone',
      currency: 'currency',
      locale: 'word',
      proration: 'word',
      upgrade: 'word',
      downgrade: 'word',
      intervalSwitch: 'word',
      firstPeriod: 'word',
      billingDay: 'whole',
      terminationDay: 'word',
      cancelDefault: 'word',
      cancelCredit: 'word',
      downgradeCredit: 'word',
      decreaseCredit: 'word',
      recoveredPeriod: 'word',
      trialEndWithoutMethod: 'word',
      stockHoldMinutes: 'whole',
      eventRetentionDays: 'whole',
      retryDays: 'list',
      retryEnd: 'word',
      pastDueGraceDays: 'whole',
      pause: 'word',
      incompleteHours: 'whole',
      noticeBeforePaymentDays: 'whole',
      dormancyNoticeMonths: 'whole',
      dormancyMonths: 'whole',
      tax: {
        inclusive: 'boolean',
        rates: ['object', { name: 'text!', percent: 'decimal!', country: 'country', productId: 'id' }],
      },
      recovery: {
        enabled: 'boolean',
        stages: 'list',
        endDay: 'whole',
        end: 'word',
        pageUrl: 'url',
        quietHours: { from: 'time!', to: 'time!' },
      },
      business: {
        name: 'text',
        representative: 'text',
        businessNumber: 'text',
        mailOrderNumber: 'text',
        email: 'email',
        phone: 'text',
        address: ADDRESS,
        url: 'url',
        termsUrl: 'url',
        privacyUrl: 'url',
      },
      origins: 'list',
      branding: { logoUrl: 'url', iconUrl: 'url', color: 'color' },
      ifVersion: 'whole',
    },
  },
};

module.exports = { SETTINGS };
