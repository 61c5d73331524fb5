#pragma once
// A measurement of this program on this machine, by name. Each module's is a function listed once in
// benchmarks.cpp. Times are wall times of one call in nanoseconds, or, where one call is shorter than the clock
// can tell, the mean of a `batch` of calls; the clock's own 20 to 30 ns are in them. A benchmark that lacks its
// input fails with what to give it.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace voltage::app::bench {

struct Input {
  std::string tape;   // of top-of-book updates, see quotes.hpp
  std::string model;  // a bundle's folder
  std::string disk;   // a folder on the disk to measure; empty: the system's temporary one
  bool quick{false};  // a tenth of the samples: to see that it works, not how fast it is
};

struct Figures {
  std::string unit;  // of the percentiles
  std::int64_t samples{0}, batch{1};
  double p50{0}, p99{0}, p999{0}, max{0};
  double per_second{0};                               // calls
  std::vector<std::pair<std::string, double>> extra;  // whole numbers are printed as such
};

struct Benchmark {
  const char* name;
  const char* what;
  Result<Figures> (*run)(const Input&);
  const char* needs;  // an option of the command; empty: nothing
};

// In the order in which data runs through the house.
const std::vector<Benchmark>& benchmarks();

// Durations of calls, to percentiles.
class Samples {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Samples(std::size_t expected, std::int64_t batch = 1) : batch_{batch} { ns_.reserve(expected); }
  template <class F>
  void time(F&& call) {
    const auto begin = Clock::now();
    for (std::int64_t i = 0; i < batch_; ++i) call();
    add(Clock::now() - begin);
  }
  void add(Clock::duration d) {
    ns_.push_back(std::chrono::duration<double, std::nano>(d).count() / static_cast<double>(batch_));
  }
  bool empty() const { return ns_.empty(); }
  Figures figures();

 private:
  std::int64_t batch_;
  std::vector<double> ns_;
};

// Keeps the compiler from dropping a result that nobody reads.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

Result<Figures> decode_kalshi(const Input& input);
Result<Figures> decode_kraken(const Input& input);
Result<Figures> book_apply(const Input& input);
Result<Figures> book_snapshot(const Input& input);
Result<Figures> core_event(const Input& input);
Result<Figures> core_decision(const Input& input);
Result<Figures> core_order(const Input& input);
Result<Figures> quotes(const Input& input);
Result<Figures> ladder(const Input& input);
Result<Figures> sizing(const Input& input);
Result<Figures> features(const Input& input);
Result<Figures> all_features(const Input& input);
Result<Figures> patchtst(const Input& input);
Result<Figures> surface(const Input& input);
Result<Figures> answers(const Input& input);
Result<Figures> codec(const Input& input);
Result<Figures> journal_append(const Input& input);
Result<Figures> journal_order(const Input& input);

}  // namespace voltage::app::bench
