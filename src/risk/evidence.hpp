#pragma once
// What may risk money, by evidence. A lower and an upper bound on a mean that hold at every moment at once,
// so that looking after each market and acting on what is seen costs nothing (a fixed-sample interval looked
// at daily is wrong far more often than it says).
//
// Betting confidence sequence, Waudby-Smith & Ramdas (2023): for each candidate mean m a gambler who bets
// λ_t·(x_t − m) at fair odds multiplies his capital; m is refuted when the capital has ever passed 1/α.
// x must lie within [low, high] and its mean given the past must be constant or, for the lower bound, never
// below m; one x a market, as markets are what is independent.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace voltage::risk {

class MeanBounds {
 public:
  // Each side fails with probability at most alpha, ever.
  MeanBounds(double low, double high, double alpha = 0.05);
  void add(double x);  // clamped to [low, high]: what lies outside was promised not to happen
  double lower() const { return lower_; }
  double upper() const { return upper_; }
  double mean() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : 0; }
  std::size_t count() const { return count_; }

 private:
  static constexpr std::size_t kGrid = 400;
  double candidate(std::size_t i) const;

  double low_, high_, log_bar_;
  std::vector<double> up_, down_;  // log capital of betting on more, and on less, than each candidate
  double sum_{0}, square_{0};
  std::size_t count_{0};
  double lower_, upper_;
};

enum class Rung : std::uint8_t { paper, shadow, demo, canary, scale };
const char* name(Rung rung);

struct EvidenceRules {
  std::size_t shadow_markets{20};  // settled on paper before anything else
  std::size_t demo_markets{50};
  double canary_clv_min{0};  // dollars a contract: the lower bound of the markout must be above
  double scale_net_min{0};   // and for size, that of the net result
  double alpha{0.05};
};

// The highest rung that the evidence of one strategy and contract type allows. It closes by itself: when an
// upper bound falls below zero there is nothing left to hope for, and when the evidence is withdrawn.
class EvidenceGate {
 public:
  explicit EvidenceGate(const EvidenceRules& rules = {});
  // Of one settled market: net dollars a contract after fees, and markout to the later mid.
  void on_market(double net, double markout);
  Rung allowed() const;
  const MeanBounds& net() const { return net_; }
  const MeanBounds& closing_line() const { return closing_line_; }

 private:
  EvidenceRules rules_;
  MeanBounds net_, closing_line_;
};

}  // namespace voltage::risk
