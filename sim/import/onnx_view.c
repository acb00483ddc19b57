/* Views of tensors: see onnx_view.h. */
#include "import/onnx_view.h"

#include <assert.h>
#include <string.h>

void sa_view_init(struct sa_view *view, uint32_t layer, const struct sa_shape *shape, int rank,
                  const enum sa_axis *axes) {
  const uint32_t sizes[] = {shape->n, shape->h, shape->w, shape->c};
  *view = (struct sa_view){.from = {.layer = layer, .c_count = shape->c}, .rank = rank};
  int count = 0;
  for (int d = 0; d < rank; d++) {
    if (axes[d] != SA_AXIS_REPEAT && sizes[axes[d]] > 1)
      view->atoms[count++] = (struct sa_atom){axes[d], sizes[axes[d]], 1};
    view->ends[d] = count;
  }
}

uint64_t sa_view_dim(const struct sa_view *view, int d) {
  uint64_t size = 1;
  for (int i = sa_view_begin(view, d); i < view->ends[d]; i++) size *= view->atoms[i].size;
  return size;
}

bool sa_view_reshape(struct sa_view *view, int rank, const int64_t *dims) {
  assert(rank <= SA_ONNX_MAX_RANK);
  struct sa_view next = {.from = view->from, .rank = rank};
  const int count = sa_view_count(view);
  struct sa_atom rest = {SA_AXIS_REPEAT, 1, 1}; /* what is left of the atom being cut */
  int used = 0, made = 0;
  for (int d = 0; d < rank; d++) {
    uint64_t need = (uint64_t)dims[d];
    while (need > 1) {
      if (rest.size == 1) {
        if (used == count) return false;
        rest = view->atoms[used++];
      }
      if (made == SA_VIEW_MAX_ATOMS) return false;
      if (need % rest.size == 0) { /* the whole rest */
        need /= rest.size;
        next.atoms[made++] = rest;
        rest.size = 1;
      } else if (rest.size % need == 0) { /* its outer part */
        const uint32_t outer = (uint32_t)need, inner = rest.size / outer;
        next.atoms[made++] = (struct sa_atom){rest.axis, outer, rest.stride * inner};
        rest.size = inner;
        need = 1;
      } else {
        return false;
      }
    }
    next.ends[d] = made;
  }
  if (used < count || rest.size > 1) return false;
  sa_view_merge(&next);
  *view = next;
  return true;
}

void sa_view_transpose(struct sa_view *view, const int64_t *perm) {
  struct sa_view next = {.from = view->from, .rank = view->rank};
  int made = 0;
  for (int d = 0; d < view->rank; d++) {
    for (int i = sa_view_begin(view, (int)perm[d]); i < view->ends[perm[d]]; i++)
      next.atoms[made++] = view->atoms[i];
    next.ends[d] = made;
  }
  *view = next;
}

void sa_view_merge(struct sa_view *view) {
  struct sa_view next = {.from = view->from, .rank = view->rank};
  int made = 0;
  for (int d = 0; d < view->rank; d++) {
    const int first = made;
    for (int i = sa_view_begin(view, d); i < view->ends[d]; i++) {
      const struct sa_atom a = view->atoms[i];
      struct sa_atom *last = made > first ? &next.atoms[made - 1] : NULL;
      const bool is_run = last && last->axis == a.axis &&
                          (a.axis == SA_AXIS_REPEAT || last->stride == (uint64_t)a.size * a.stride);
      if (is_run)
        *last = (struct sa_atom){a.axis, last->size * a.size, a.stride};
      else
        next.atoms[made++] = a;
    }
    next.ends[d] = made;
  }
  *view = next;
}

bool sa_view_slice(struct sa_view *view, int d, uint64_t start, uint64_t count) {
  const int i = sa_view_begin(view, d);
  if (start == 0 && count == sa_view_dim(view, d)) return true;
  if (view->ends[d] != i + 1 || count == 0) return false;
  struct sa_atom *atom = &view->atoms[i];
  /* a range of channels is one only along c's outermost part */
  if (atom->axis != SA_AXIS_C || (uint64_t)atom->size * atom->stride != view->from.c_count) return false;
  assert(start + count <= atom->size);
  view->from.c_first += (uint32_t)start * atom->stride;
  view->from.c_count = (uint32_t)count * atom->stride;
  atom->size = (uint32_t)count;
  if (count > 1) return true;
  memmove(atom, atom + 1, (size_t)(sa_view_count(view) - i - 1) * sizeof *atom);
  for (int k = d; k < view->rank; k++) view->ends[k]--;
  return true;
}

bool sa_view_repeat(struct sa_view *view, int d, uint64_t times) {
  const int at = view->ends[d], count = sa_view_count(view);
  if (times == 1) return true;
  if (count == SA_VIEW_MAX_ATOMS || times > UINT32_MAX) return false;
  memmove(&view->atoms[at + 1], &view->atoms[at], (size_t)(count - at) * sizeof *view->atoms);
  view->atoms[at] = (struct sa_atom){SA_AXIS_REPEAT, (uint32_t)times, 1};
  for (int k = d; k < view->rank; k++) view->ends[k]++;
  return true;
}

bool sa_view_unshuffle(struct sa_view *view) {
  bool any = false;
  for (int d = 0; d < view->rank; d++) {
    const int first = sa_view_begin(view, d), atoms = view->ends[d] - first;
    uint64_t size = 1;
    for (int i = first; i < view->ends[d]; i++) size *= view->atoms[i].axis == SA_AXIS_C ? view->atoms[i].size : 0;
    if (atoms < 2 || size != view->from.c_count) continue;
    view->atoms[first] = (struct sa_atom){SA_AXIS_C, view->from.c_count, 1};
    memmove(&view->atoms[first + 1], &view->atoms[first + atoms],
            (size_t)(sa_view_count(view) - first - atoms) * sizeof *view->atoms);
    for (int k = d; k < view->rank; k++) view->ends[k] -= atoms - 1;
    any = true;
  }
  return any;
}

static uint32_t axis_size(const struct sa_view *view, enum sa_axis axis, const struct sa_shape *shape) {
  switch (axis) {
    case SA_AXIS_N: return shape->n;
    case SA_AXIS_H: return shape->h;
    case SA_AXIS_W: return shape->w;
    case SA_AXIS_C: return view->from.c_count;
    default: return 1;
  }
}

bool sa_view_is_axis(const struct sa_view *view, int d, enum sa_axis axis, const struct sa_shape *shape) {
  const uint32_t size = axis_size(view, axis, shape);
  const int first = sa_view_begin(view, d), atoms = view->ends[d] - first;
  if (size == 1) return atoms == 0;
  return atoms == 1 && view->atoms[first].axis == axis && view->atoms[first].size == size;
}

bool sa_view_has(const struct sa_view *view, int d, enum sa_axis axis) {
  for (int i = sa_view_begin(view, d); i < view->ends[d]; i++)
    if (view->atoms[i].axis == axis) return true;
  return false;
}

static bool same_atom(const struct sa_atom *a, const struct sa_atom *b) {
  return a->axis == b->axis && a->size == b->size && a->stride == b->stride;
}

/* Compares dimension by dimension from the last, as broadcasting aligns them. With `spread`, b may lack (or
 * repeat over) atoms of h and w. */
static bool compare(const struct sa_view *a, const struct sa_view *b, bool spread) {
  const int rank = a->rank > b->rank ? a->rank : b->rank;
  for (int k = 1; k <= rank; k++) {
    int i = k <= a->rank ? sa_view_begin(a, a->rank - k) : 0,
        a_end = k <= a->rank ? a->ends[a->rank - k] : 0;
    int j = k <= b->rank ? sa_view_begin(b, b->rank - k) : 0,
        b_end = k <= b->rank ? b->ends[b->rank - k] : 0;
    while (i < a_end || j < b_end) {
      if (i < a_end && j < b_end && same_atom(&a->atoms[i], &b->atoms[j])) {
        i++, j++;
      } else if (spread && j < b_end && b->atoms[j].axis == SA_AXIS_REPEAT) {
        j++;
      } else if (spread && i < a_end && (a->atoms[i].axis == SA_AXIS_H || a->atoms[i].axis == SA_AXIS_W)) {
        i++;
      } else {
        return false;
      }
    }
  }
  return true;
}

bool sa_view_same(const struct sa_view *a, const struct sa_view *b) { return compare(a, b, false); }
bool sa_view_spread(const struct sa_view *a, const struct sa_view *b) { return compare(a, b, true); }
