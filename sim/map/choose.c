/* The choice of tiles and order for one operation: of all candidates (tiles.c) whose staging finds room the
 * one with the least cost (cost.c), with two slots for each staged operand if that is possible at all. */
#include "map/mapper.h"

static void drop_staging(struct sa_mapper *m, uint32_t index) {
  struct sa_op_plan *plan = &m->plans[index];
  for (uint32_t k = SA_OPERANDS; k-- > 0;) {
    struct sa_operand *operand = &plan->operands[k];
    while (operand->slots > 0) sa_places_remove(&m->places, operand->region[--operand->slots]);
  }
}

static bool take_staging(struct sa_mapper *m, uint32_t index, const struct sa_choice *c, uint32_t slots) {
  struct sa_op_plan *plan = &m->plans[index];
  const uint32_t earlier = sa_repeat_earlier_op(m, index);
  for (uint32_t k = 0; k < SA_OPERANDS; k++) {
    struct sa_operand *operand = &plan->operands[k];
    if (!operand->streamed) continue;
    struct sa_place place = {.bytes = sa_slot_bytes(m, index, k, c), .first = plan->phase, .last = plan->phase};
    for (uint32_t s = 0; s < slots; s++) {
      const struct sa_operand *model = earlier == SA_NONE ? NULL : &m->plans[earlier].operands[k];
      place.like = model && s < model->slots ? model->region[s] : SA_NONE;
      const uint32_t region = sa_places_add(&m->places, &place);
      if (region == SA_NONE) {
        drop_staging(m, index);
        return false;
      }
      operand->region[operand->slots++] = region;
    }
  }
  return true;
}

static bool streams(const struct sa_op_plan *plan) {
  for (uint32_t k = 0; k < SA_OPERANDS; k++)
    if (plan->operands[k].streamed) return true;
  return false;
}

static uint64_t staging_bytes(const struct sa_mapper *m, uint32_t index, const struct sa_choice *c) {
  uint64_t bytes = 0;
  for (uint32_t k = 0; k < SA_OPERANDS; k++)
    if (m->plans[index].operands[k].streamed) bytes += sa_slot_bytes(m, index, k, c);
  return bytes;
}

bool sa_choose(struct sa_mapper *m, uint32_t index, uint64_t *smallest) {
  struct sa_op_plan *plan = &m->plans[index];
  struct sa_op_map *map = &m->mapping->ops[index];
  struct sa_choice list[SA_MAX_CHOICES];
  const uint32_t count = sa_list_choices(m, index, list);
  const bool staged = streams(plan);
  const struct sa_choice *best = NULL;
  uint64_t best_cost = UINT64_MAX;
  uint32_t best_slots = 0;
  *smallest = UINT64_MAX;
  for (uint32_t slots = 2; slots > 0 && !best; slots--)
    for (uint32_t i = 0; i < count; i++) {
      const uint64_t needs = staging_bytes(m, index, &list[i]);
      if (needs < *smallest) *smallest = needs;
      const uint64_t cost = sa_cost(m, index, &list[i], map);
      if (cost >= best_cost) continue;
      if (staged) {
        if (!take_staging(m, index, &list[i], slots)) continue;
        drop_staging(m, index);
      }
      best = &list[i];
      best_cost = cost;
      best_slots = slots;
    }
  if (!best) return false;
  sa_cost(m, index, best, map);
  if (staged && !take_staging(m, index, best, best_slots)) return false;
  plan->tile = best->size;
  plan->n_block = best->n_block;
  map->images = best->size.images;
  map->rows = best->size.rows;
  map->cols = best->size.cols;
  map->order = best->n_block < map->n_tiles ? SA_ORDER_N_OUTER : SA_ORDER_M_OUTER;
  map->n_block = best->n_block;
  map->candidates = count;
  map->m_tiles = sa_count_tiles(&plan->whole, &best->size);
  map->streams_in = plan->operands[SA_OPERAND_A].streamed || plan->operands[SA_OPERAND_B].streamed ||
                    plan->operands[SA_OPERAND_RESIDUAL].streamed;
  map->streams_out = plan->operands[SA_OPERAND_OUT].streamed;
  return true;
}
