/* What a vector instruction must do, written from docs/machine.md (sections 4, 5 and 8) alone: its
 * steps with their reads, its writes and their cycles, and its values. Used by the bench of
 * rtl/vector.v; knows nothing of the RTL. */
#ifndef VECTOR_MODEL_H
#define VECTOR_MODEL_H
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

struct Access { uint64_t cycle; uint32_t addr, bytes; };
struct AccAccess { uint64_t cycle; uint32_t bank, row; };
struct Write { uint64_t cycle; uint32_t addr; std::vector<uint8_t> data; };
struct Event { uint64_t cycle; uint32_t give; };

class VectorModel {
 public:
  VectorModel(unsigned cols, unsigned lanes, size_t buffer_bytes, unsigned acc_rows)
      : cols_(cols), lanes_(lanes), acc_rows_(acc_rows), buffer(buffer_bytes),
        acc(2 * static_cast<size_t>(acc_rows) * cols), bias_(cols), scale_(cols) {}

  /* Executes the instruction that starts in cycle t; returns N. */
  uint64_t start(const uint32_t w[16], uint64_t t) {
    w_ = w;
    step_ = t;
    const unsigned op = w[0] & 255;
    n0_ = w[4] & 0xffff;
    n1_ = w[4] >> 16;
    n_ = w[5] & 0xffff;
    switch (op) {
      case 0x50: step_ += 1; break;
      case 0x51: vacc(); break;
      case 0x52: case 0x53: case 0x54: case 0x55: case 0x56: plain(op); break;
      case 0x57: vtable(); break;
      case 0x58: vsoftmax(); break;
      case 0x59: vnorm(); break;
      default: break;
    }
    const uint64_t n = step_ - t;
    ev_read.push_back({t + n - 1, w[2] & 31});
    ev_done.push_back({t + n - 1 + 8, w[2] >> 8 & 31});
    return n;
  }

  std::deque<Access> reads;
  std::deque<AccAccess> acc_reads;
  std::deque<Write> writes;
  std::deque<Event> ev_read, ev_done;

 private:
  const uint32_t *w_ = nullptr;
  uint64_t step_ = 0;
  uint32_t n0_ = 0, n1_ = 0, n_ = 0;
  unsigned cols_, lanes_, acc_rows_;

 public:
  std::vector<uint8_t> buffer;
  std::vector<int32_t> acc; /* [2][acc_rows][cols] */

 private:
  std::vector<int32_t> bias_;
  std::vector<uint32_t> scale_;
  uint8_t table_[3][256] = {};

  static int64_t mult(uint32_t word) { return static_cast<int32_t>(word << 6) >> 6; }
  static int64_t rnd(int64_t x, unsigned s) {
    return (x + (s ? static_cast<int64_t>(1) << (s - 1) : 0)) >> s;
  }
  static uint32_t mul32(uint32_t a, uint32_t b) { return a * b; }
  uint32_t at(unsigned base, unsigned s0, unsigned s1, uint32_t i0, uint32_t i1) const {
    return w_[base] + mul32(i0, w_[s0]) + mul32(i1, w_[s1]);
  }
  int8_t element(uint32_t addr) const { return static_cast<int8_t>(buffer[addr]); }
  uint8_t finish(int64_t y) const {
    const int8_t lo = static_cast<int8_t>(w_[2] >> 16), hi = static_cast<int8_t>(w_[2] >> 24);
    int64_t v = y < lo ? lo : y > hi ? hi : y;
    return (w_[0] >> 8 & 8) ? table_[0][v & 255] : static_cast<uint8_t>(v);
  }
  void read(uint32_t addr, uint32_t bytes) { reads.push_back({step_, addr, bytes}); }
  void write(uint32_t addr, const std::vector<uint8_t> &data) { /* behind the current step */
    writes.push_back({step_ + 8, addr, data});
    memcpy(&buffer[addr], data.data(), data.size());
  }
  uint32_t chunk(uint32_t c) const { return n_ - c < lanes_ ? n_ - c : lanes_; }

  void vacc() {
    const unsigned flags = w_[0] >> 8 & 255;
    if (flags & 1) {
      for (unsigned j = 0; j < 8; ++j, ++step_) {
        const uint32_t addr = w_[14] + mul32(j, n_);
        read(addr, n_);
        for (uint32_t c = 0; c < n_; ++c) {
          const unsigned bits = 8 * (j & 3);
          uint32_t word = j < 4 ? static_cast<uint32_t>(bias_[c]) : scale_[c];
          word = (word & ~(255u << bits)) | static_cast<uint32_t>(buffer[addr + c]) << bits;
          if (j < 4) bias_[c] = static_cast<int32_t>(word);
          else scale_[c] = word;
        }
      }
    }
    for (uint32_t i1 = 0; i1 < n1_; ++i1)
      for (uint32_t i0 = 0; i0 < n0_; ++i0)
        for (uint32_t c = 0; c < n_; c += lanes_, ++step_) {
          const uint32_t bank = w_[3] >> 16 & 1;
          const uint32_t row = ((w_[3] & 0xffff) + mul32(i0, w_[6]) + mul32(i1, w_[7])) & 0xffff;
          const uint32_t b = at(8, 9, 10, i0, i1) + c;
          acc_reads.push_back({step_, bank, row});
          if (flags & 2) read(b, chunk(c));
          std::vector<uint8_t> out(chunk(c));
          for (uint32_t j = 0; j < out.size(); ++j) {
            const int64_t a = acc[(static_cast<size_t>(bank) * acc_rows_ + row) * cols_ + c + j];
            int64_t y = rnd((a + bias_[c + j]) * mult(scale_[c + j]), scale_[c + j] >> 26);
            if (flags & 2) y += rnd(element(b + j) * mult(w_[15]), w_[15] >> 26);
            out[j] = finish(y);
          }
          write(at(11, 12, 13, i0, i1) + c, out);
        }
  }

  void plain(unsigned op) {
    const bool pool = op >= 0x55, two = op == 0x53 || op == 0x54;
    const uint32_t tx = pool ? w_[5] >> 16 & 255 : 1, ty = pool ? w_[5] >> 24 : 1;
    for (uint32_t i1 = 0; i1 < n1_; ++i1)
      for (uint32_t i0 = 0; i0 < n0_; ++i0)
        for (uint32_t c = 0; c < n_; c += lanes_, ++step_) {
          std::vector<int64_t> x(chunk(c)), b(chunk(c));
          for (uint32_t y = 0; y < ty; ++y)
            for (uint32_t k = 0; k < tx; ++k) {
              if (y || k) ++step_;
              const uint32_t tap = pool ? mul32(k, w_[9]) + mul32(y, w_[10]) : 0;
              const uint32_t a = at(3, 6, 7, i0, i1) + c + tap;
              read(a, chunk(c));
              for (uint32_t j = 0; j < x.size(); ++j) {
                const int64_t v = element(a + j);
                if (!(y || k)) x[j] = v;
                else if (op == 0x56) x[j] += v;
                else if (v > x[j]) x[j] = v;
              }
            }
          if (two) {
            ++step_;
            const uint32_t addr = at(8, 9, 10, i0, i1) + c;
            read(addr, chunk(c));
            for (uint32_t j = 0; j < b.size(); ++j) b[j] = element(addr + j);
          }
          std::vector<uint8_t> out(chunk(c));
          const unsigned s = w_[14] >> 26;
          for (uint32_t j = 0; j < out.size(); ++j) {
            int64_t y;
            if (op == 0x53) y = rnd(x[j] * mult(w_[14]) + b[j] * mult(w_[15]), s);
            else if (op == 0x54) y = rnd(x[j] * b[j] * mult(w_[14]), s);
            else if (op == 0x55) y = x[j];
            else y = rnd(x[j] * mult(w_[14]), s);
            out[j] = finish(y);
          }
          write(at(11, 12, 13, i0, i1) + c, out);
        }
  }

  void vtable() {
    for (unsigned j = 0; j < 16; ++j, ++step_) {
      read(w_[3] + 16 * j, 16);
      memcpy(&table_[w_[0] >> 13 & 3][16 * j], &buffer[w_[3] + 16 * j], 16);
    }
  }

  /* One pass of a row reduction: chunks outside, rows inside. */
  template <typename Prefix, typename Step> void pass(Prefix prefix, Step each) {
    for (uint32_t c = 0; c < n_; c += lanes_) {
      prefix(c);
      uint32_t row = 0;
      for (uint32_t i1 = 0; i1 < n1_; ++i1)
        for (uint32_t i0 = 0; i0 < n0_; ++i0, ++row, ++step_) {
          const uint32_t a = at(3, 6, 7, i0, i1) + c;
          read(a, chunk(c));
          each(row, a, c, at(11, 12, 13, i0, i1) + c);
        }
    }
  }

  void vsoftmax() {
    const size_t rows = static_cast<size_t>(n0_) * n1_;
    std::vector<int> top(rows, -128);
    std::vector<uint64_t> sum(rows, 0);
    const auto none = [](uint32_t) {};
    const auto e = [&](uint32_t row, uint32_t addr) {
      const unsigned i = static_cast<unsigned>(top[row] - element(addr)) & 255;
      return static_cast<int64_t>(table_[1][i] | table_[2][i] << 8);
    };
    pass(none, [&](uint32_t row, uint32_t a, uint32_t c, uint32_t) {
      for (uint32_t j = 0; j < chunk(c); ++j)
        if (element(a + j) > top[row]) top[row] = element(a + j);
    });
    step_ += 16;
    pass(none, [&](uint32_t row, uint32_t a, uint32_t c, uint32_t) {
      for (uint32_t j = 0; j < chunk(c); ++j) sum[row] += static_cast<uint64_t>(e(row, a + j));
    });
    step_ += 40;
    pass(none, [&](uint32_t row, uint32_t a, uint32_t c, uint32_t d) {
      const int64_t r = static_cast<int64_t>((1ull << 31) / (sum[row] ? sum[row] : 1));
      std::vector<uint8_t> out(chunk(c));
      for (uint32_t j = 0; j < out.size(); ++j)
        out[j] = finish(rnd(e(row, a + j) * r * mult(w_[14]), w_[14] >> 26));
      write(d, out);
    });
  }

  void vnorm() {
    const bool rms = w_[0] >> 8 & 16;
    const size_t rows = static_cast<size_t>(n0_) * n1_;
    const int64_t recip = (1 << 24) / n_;
    std::vector<int64_t> sum(rows, 0), squares(rows, 0);
    std::vector<int8_t> gamma(lanes_), beta(lanes_);
    pass([](uint32_t) {}, [&](uint32_t row, uint32_t a, uint32_t c, uint32_t) {
      for (uint32_t j = 0; j < chunk(c); ++j) {
        sum[row] += element(a + j);
        squares[row] += element(a + j) * element(a + j);
      }
    });
    step_ += 48;
    pass([&](uint32_t c) {
      read(w_[8] + c, chunk(c));
      for (uint32_t j = 0; j < chunk(c); ++j) gamma[j] = element(w_[8] + c + j);
      ++step_;
      if (rms) return;
      read(w_[8] + w_[9] + c, chunk(c));
      for (uint32_t j = 0; j < chunk(c); ++j) beta[j] = element(w_[8] + w_[9] + c + j);
      ++step_;
    }, [&](uint32_t row, uint32_t a, uint32_t c, uint32_t d) {
      const int64_t mean = rms ? 0 : rnd(sum[row] * recip, 24);
      int64_t var = rnd(squares[row] * recip, 20) - (mean * mean * 16);
      if (var < 1) var = 1;
      int64_t root = 0;
      while ((root + 1) * (root + 1) <= var << 12) ++root;
      const int64_t q = (1 << 20) / root;
      std::vector<uint8_t> out(chunk(c));
      for (uint32_t j = 0; j < out.size(); ++j) {
        const int64_t d_j = element(a + j) - mean;
        out[j] = finish(rnd(d_j * q * gamma[j] * mult(w_[14]), w_[14] >> 26) + (rms ? 0 : beta[j]));
      }
      write(d, out);
    });
  }
};
#endif
