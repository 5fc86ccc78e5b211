// 7.25 % on everything but bread. In C, so that linking it to the other parts
// of the shop crosses languages.

#include "gen/tax.h"
#include <string.h>

void exports_shop_tax_rates_region(tax_string_t *ret) {
  // A copy: the bindings free what an export returns.
  tax_string_dup(ret, "US");
}

uint32_t exports_shop_tax_rates_rate(tax_string_t *sku) {
  static const char untaxed[] = "bread";
  size_t len = sizeof untaxed - 1;
  bool taxed = sku->len != len || memcmp(sku->ptr, untaxed, len) != 0;
  tax_string_free(sku); // an export owns its arguments
  return taxed ? 725 : 0;
}
