/* The bench's memory image: sparse, byte addressed, in the file form of sim/base/memory.h. */
#ifndef BENCH_IMAGE_H
#define BENCH_IMAGE_H
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

class Image {
 public:
  /* Reads or writes a .mem file; throws std::runtime_error with the place and the reason. */
  void load(const std::string &path);
  void save(const std::string &path) const;

  void read(uint64_t address, uint8_t *out, size_t bytes) const;
  /* Writes the bytes whose enable is not 0. */
  void write(uint64_t address, const uint8_t *data, const uint8_t *enables, size_t bytes);

 private:
  static constexpr uint64_t kPageBytes = 65536;
  static constexpr uint64_t kAddressMask = (uint64_t{1} << 48) - 1;
  using Page = std::array<uint8_t, kPageBytes>;
  std::unordered_map<uint64_t, std::unique_ptr<Page>> pages_;
  Page &page(uint64_t number);
};
#endif
