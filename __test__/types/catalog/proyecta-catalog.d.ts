// What `proyecta catalog types` writes for a small catalogue.
export {};

declare global {
  interface ProyectaCatalog {
    feature: 'feat_calls' | 'feat_export';
    product: 'prod_pro';
    price: 'var_pro_monthly' | 'var_pro_yearly';
    coupon: never;
  }
}
