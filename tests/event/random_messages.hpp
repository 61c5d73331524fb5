#pragma once
// Random values of every event and effect, driven by the codec's own list of members: an archive that fills
// where the reader would read.
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "event/fields.hpp"

namespace voltage::testing {

class RandomFiller {
 public:
  explicit RandomFiller(Rng& rng) : rng_{rng} {}
  template <class... T>
  void operator()(T&... values) {
    (fill(values), ...);
  }

 private:
  template <class T>
  void fill(T& v) {
    if constexpr (std::is_same_v<T, bool>)
      v = rng_.chance(0.5);
    else if constexpr (std::is_enum_v<T>)
      v = static_cast<T>(rng_.below(enum_count(T{})));
    else if constexpr (std::is_integral_v<T>)
      v = static_cast<T>(rng_.chance(0.2) ? 0 : rng_.next());
    else if constexpr (std::is_same_v<T, double>)
      v = number();
    else
      fields(*this, v);
  }
  void fill(market::TickGrid& grid) {
    const market::TickGrid some[] = {{}, market::TickGrid::linear_cent(), market::TickGrid::tapered_deci_cent()};
    grid = some[rng_.below(3)];
  }
  void fill(std::string& v) {
    v.clear();
    for (auto n = rng_.below(12); n > 0; --n) v.push_back(static_cast<char>(rng_.below(256)));
  }
  template <class T>
  void fill(std::vector<T>& v) {
    v.assign(rng_.below(5), T{});
    for (T& element : v) fill(element);
  }
  template <class T, std::size_t N>
  void fill(std::array<T, N>& v) {
    for (T& element : v) fill(element);
  }
  template <class T>
  void fill(std::optional<T>& v) {
    v.reset();
    if (rng_.chance(0.5)) fill(v.emplace());
  }
  double number() {
    switch (rng_.below(6)) {
      case 0:
        return std::numeric_limits<double>::quiet_NaN();
      case 1:
        return -0.0;
      case 2:
        return std::numeric_limits<double>::denorm_min();
      case 3:
        return -std::numeric_limits<double>::infinity();
      default:
        return rng_.normal() * 1e5;
    }
  }

  Rng& rng_;
};

template <std::size_t I = 0>
void all_payloads(Rng& rng, std::vector<event::Payload>& out) {
  if constexpr (I < std::variant_size_v<event::Payload>) {
    std::variant_alternative_t<I, event::Payload> m{};
    RandomFiller fill{rng};
    fill(m);
    out.emplace_back(std::move(m));
    all_payloads<I + 1>(rng, out);
  }
}

// All but PlaceOrder and AmendOrder, which only the executor and the codec can make.
template <std::size_t I = 1>
void all_effects(Rng& rng, std::vector<event::Effect>& out) {
  static_assert(std::is_same_v<std::variant_alternative_t<0, event::Effect>, event::PlaceOrder>);
  if constexpr (I < std::variant_size_v<event::Effect>) {
    using T = std::variant_alternative_t<I, event::Effect>;
    if constexpr (!std::is_same_v<T, event::AmendOrder>) {
      T m{};
      RandomFiller fill{rng};
      fill(m);
      out.emplace_back(std::move(m));
    }
    all_effects<I + 1>(rng, out);
  }
}

}  // namespace voltage::testing
