/* The files of sim/page/assets within the program; assets.c is made by scripts/embed-assets. */
#ifndef SA_PAGE_ASSETS_H
#define SA_PAGE_ASSETS_H
#include <stddef.h>

struct sa_asset {
  const char *name; /* of the file, without its folder */
  const unsigned char *bytes;
  size_t count;
};

extern const struct sa_asset sa_assets[];
extern const size_t sa_asset_count;
#endif
