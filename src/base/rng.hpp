#pragma once
// Seeded randomness for simulations and training, the same on every compiler: SplitMix64 seeds
// xoshiro256++ (Blackman & Vigna, 2019). The standard library's distributions differ between vendors,
// so the few that are needed stand here. Not for cryptography.
#include <array>
#include <cmath>
#include <cstdint>

namespace voltage {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) {
    for (auto& word : state_) word = split_mix(seed);
  }

  std::uint64_t next() {
    const std::uint64_t result = rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  // Uniform in [0, n); n > 0. The bias of at most n/2^64 is far below anything a test could see.
  std::uint64_t below(std::uint64_t n) { return static_cast<std::uint64_t>((Wide{next()} * n) >> 64); }

  bool chance(double p) { return uniform() < p; }

  // Standard normal (Box-Muller, both values used).
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    const double angle = 6.283185307179586 * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

  double exponential(double mean) { return -mean * std::log(1.0 - uniform()); }

  // A generator of its own for a sub-system, so that one more draw in one does not move the others.
  Rng fork() { return Rng{next()}; }

 private:
  __extension__ using Wide = unsigned __int128;

  static std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  static std::uint64_t split_mix(std::uint64_t& s) {
    std::uint64_t z = (s += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::array<std::uint64_t, 4> state_{};
  double spare_{};
  bool has_spare_{false};
};

}  // namespace voltage
