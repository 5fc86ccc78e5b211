// The counters in C: nothing here depends on how Rust lays things out.
//
// An export owns its arguments: strings and lists are to be freed, owned
// handles to be dropped. A borrowed handle arrives as the representation.

#include "gen/counters_guest.h"
#include <stdlib.h>
#include <string.h>

// The bindings' names start with the interface's.
#define IN_COUNTERS(name) exports_test_resources_counters_##name
#define IN_INSPECT(name) exports_test_resources_inspect_##name

typedef IN_COUNTERS(counter_t) rep_t;
typedef IN_COUNTERS(own_counter_t) own_t;
typedef IN_COUNTERS(list_own_counter_t) list_t;

// The representation of `counter`.
struct IN_COUNTERS(counter_t) {
  counters_guest_string_t name;
  uint32_t value;
};

static uint32_t live, dropped;

static own_t create(counters_guest_string_t name, uint32_t start) {
  rep_t *rep = malloc(sizeof *rep);
  if (!rep) abort();
  *rep = (rep_t){name, start};
  live++;
  return IN_COUNTERS(counter_new)(rep);
}

void IN_COUNTERS(counter_destructor)(rep_t *rep) {
  counters_guest_string_free(&rep->name);
  free(rep);
  live--;
  dropped++;
}

// The value of a counter that ends here.
static uint32_t take(own_t counter) {
  uint32_t value = IN_COUNTERS(counter_rep)(counter)->value;
  IN_COUNTERS(counter_drop_own)(counter);
  return value;
}

own_t IN_COUNTERS(constructor_counter)(uint32_t start) {
  counters_guest_string_t name;
  counters_guest_string_dup(&name, "counter");
  return create(name, start);
}

own_t IN_COUNTERS(static_counter_named)(counters_guest_string_t *name, uint32_t start) {
  return create(*name, start);
}

uint32_t IN_COUNTERS(method_counter_increment)(rep_t *self, uint32_t by) {
  return self->value += by;
}

uint32_t IN_COUNTERS(method_counter_value)(rep_t *self) { return self->value; }

void IN_COUNTERS(method_counter_name)(rep_t *self, counters_guest_string_t *ret) {
  // A copy: the bindings free what an export returns.
  counters_guest_string_dup_n(ret, (char *)self->name.ptr, self->name.len);
}

uint32_t IN_COUNTERS(method_counter_absorb)(rep_t *self, own_t other) {
  return self->value += take(other);
}

bool IN_COUNTERS(method_counter_same_as)(rep_t *self, rep_t *other) {
  return self->value == other->value && self->name.len == other->name.len &&
         memcmp(self->name.ptr, other->name.ptr, self->name.len) == 0;
}

void IN_COUNTERS(make_pair)(IN_COUNTERS(pair_t) * ret) {
  ret->left = IN_COUNTERS(constructor_counter)(1);
  ret->right = IN_COUNTERS(constructor_counter)(2);
}

void IN_COUNTERS(make_list)(uint32_t n, list_t *ret) {
  *ret = (list_t){n ? calloc(n, sizeof *ret->ptr) : NULL, n};
  if (n && !ret->ptr) abort();
  for (uint32_t i = 0; i < n; i++) ret->ptr[i] = IN_COUNTERS(constructor_counter)(i);
}

bool IN_COUNTERS(make_option)(bool some, own_t *ret) {
  if (some) *ret = IN_COUNTERS(constructor_counter)(1);
  return some;
}

bool IN_COUNTERS(make_result)(bool ok, own_t *ret, counters_guest_string_t *err) {
  if (ok) *ret = IN_COUNTERS(constructor_counter)(1);
  else counters_guest_string_dup(err, "no counter");
  return ok;
}

void IN_COUNTERS(make_variant)(uint32_t n, IN_COUNTERS(holder_t) * ret) {
  ret->tag = n < 2 ? n : EXPORTS_TEST_RESOURCES_COUNTERS_HOLDER_MANY;
  if (n == 1) ret->val.one = IN_COUNTERS(constructor_counter)(0);
  if (n > 1) IN_COUNTERS(make_list)(n, &ret->val.many);
}

uint32_t IN_COUNTERS(sum_list)(IN_COUNTERS(list_borrow_counter_t) * items) {
  uint32_t sum = 0;
  for (size_t i = 0; i < items->len; i++) sum += items->ptr[i]->value;
  IN_COUNTERS(list_borrow_counter_free)(items);
  return sum;
}

uint32_t IN_COUNTERS(sum_pair)(IN_COUNTERS(pair_t) * pair) {
  return take(pair->left) + take(pair->right);
}

uint32_t IN_COUNTERS(take_list)(list_t *items) {
  uint32_t sum = 0;
  for (size_t i = 0; i < items->len; i++) sum += take(items->ptr[i]);
  IN_COUNTERS(list_own_counter_free)(items); // frees the list, drops no handles
  return sum;
}

uint32_t IN_COUNTERS(take_option)(own_t *item) { return item ? take(*item) : 0; }

uint32_t IN_COUNTERS(take_variant)(IN_COUNTERS(holder_t) * holder) {
  switch (holder->tag) {
    case EXPORTS_TEST_RESOURCES_COUNTERS_HOLDER_ONE: return take(holder->val.one);
    case EXPORTS_TEST_RESOURCES_COUNTERS_HOLDER_MANY: return IN_COUNTERS(take_list)(&holder->val.many);
    default: return 0;
  }
}

uint32_t IN_COUNTERS(live)(void) { return live; }

uint32_t IN_COUNTERS(dropped)(void) { return dropped; }

uint32_t IN_INSPECT(peek)(rep_t *c) { return c->value; }

uint32_t IN_INSPECT(consume)(own_t c) { return take(c); }
