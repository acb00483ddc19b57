/* The bench's memory image: see image.h. */
#include "image.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace {
const uint8_t kMagic[8] = {'S', 'A', 'M', 'E', 'M', 0, 0, 1};

struct Closer {
  void operator()(FILE *file) const { fclose(file); }
};
using File = std::unique_ptr<FILE, Closer>;

File open_file(const std::string &path, const char *mode) {
  File file(fopen(path.c_str(), mode));
  if (!file) throw std::runtime_error(path + ": " + strerror(errno));
  return file;
}

uint64_t little_endian(const uint8_t *bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; i--) value = value << 8 | bytes[i];
  return value;
}

void put_little_endian(uint8_t *bytes, uint64_t value) {
  for (int i = 0; i < 8; i++) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
}
}  // namespace

Image::Page &Image::page(uint64_t number) {
  std::unique_ptr<Page> &slot = pages_[number];
  if (!slot) {
    slot = std::make_unique<Page>();
    slot->fill(0);
  }
  return *slot;
}

void Image::read(uint64_t address, uint8_t *out, size_t bytes) const {
  while (bytes > 0) {
    address &= kAddressMask;
    const uint64_t offset = address % kPageBytes;
    const size_t part = std::min<uint64_t>(bytes, kPageBytes - offset);
    const auto found = pages_.find(address / kPageBytes);
    if (found == pages_.end()) memset(out, 0, part);
    else memcpy(out, found->second->data() + offset, part);
    address += part;
    out += part;
    bytes -= part;
  }
}

void Image::write(uint64_t address, const uint8_t *data, const uint8_t *enables, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    if (!enables[i]) continue;
    const uint64_t at = (address + i) & kAddressMask;
    page(at / kPageBytes)[at % kPageBytes] = data[i];
  }
}

void Image::load(const std::string &path) {
  const File file = open_file(path, "rb");
  uint8_t head[16];
  if (fread(head, 1, 8, file.get()) != 8 || memcmp(head, kMagic, 8) != 0) {
    throw std::runtime_error(path + ": not a memory image");
  }
  std::vector<uint8_t> data;
  std::vector<uint8_t> enables;
  size_t got;
  while ((got = fread(head, 1, 16, file.get())) == 16) {
    uint64_t address = little_endian(head);
    uint64_t left = little_endian(head + 8);
    while (left > 0) {
      const size_t part = std::min<uint64_t>(left, kPageBytes);
      data.resize(part);
      enables.assign(part, 1);
      if (fread(data.data(), 1, part, file.get()) != part) {
        throw std::runtime_error(path + ": the last record is cut short");
      }
      write(address, data.data(), enables.data(), part);
      address += part;
      left -= part;
    }
  }
  if (got != 0) throw std::runtime_error(path + ": the last record is cut short");
}

void Image::save(const std::string &path) const {
  std::vector<uint64_t> numbers;
  for (const auto &entry : pages_) numbers.push_back(entry.first);
  std::sort(numbers.begin(), numbers.end());
  const File file = open_file(path, "wb");
  bool good = fwrite(kMagic, 1, 8, file.get()) == 8;
  for (const uint64_t number : numbers) {
    uint8_t head[16];
    put_little_endian(head, number * kPageBytes);
    put_little_endian(head + 8, kPageBytes);
    good = good && fwrite(head, 1, 16, file.get()) == 16 &&
           fwrite(pages_.at(number)->data(), 1, kPageBytes, file.get()) == kPageBytes;
  }
  if (!good || fflush(file.get()) != 0) throw std::runtime_error(path + ": cannot be written");
}
