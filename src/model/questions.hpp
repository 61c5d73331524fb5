#pragma once
// What the models learn from: moments of the past, each asked about a horizon and a move whose outcome is
// known. Horizons are log-uniform over 1 minute to 24 hours with more of the traded ones; moves spread
// evenly in units of the volatility, so that one model answers the whole surface.
#include <cstdint>
#include <optional>
#include <vector>

#include "features/schema.hpp"
#include "forecast/forecaster.hpp"
#include "model/lightgbm.hpp"
#include "model/scale_fit.hpp"

namespace voltage::model {

// The same bars twice: as they are, and as 5-minute bars would have shown them.
struct TrainingPast {
  forecast::Past fine;
  forecast::Past coarse;
};

struct QuestionOptions {
  std::size_t stride{3};  // minutes from one moment to the next, on average
  std::size_t each{2};    // questions a moment
  std::uint64_t seed{1};
  std::optional<features::Group> without;  // these features are missing in every row: no tree can stand on them
};

// Rows for the trees. Inputs are blanked at random as they go missing when served: trade counts, order
// flow, volume, the 1-minute bars, the older history. Parallel; the same rows whatever the thread count.
TreeRows draw_questions(const forecast::Bundle& bundle, const TrainingPast& past, SlotSpan span,
                        const QuestionOptions& options);

// Held-out answers, before calibration: one (moment, node) at several moves.
struct HeldOut {
  std::size_t node{};
  std::size_t slot{};
  double scaled_move{};  // ln(move / informed scale)
  double weight{};       // less where outcomes overlap
  std::array<double, forecast::kMembers> raw{};
  bool moved{};
};

std::vector<HeldOut> ask_held_out(const forecast::Bundle& bundle, const forecast::Past& past, SlotSpan span,
                                  std::size_t stride);

}  // namespace voltage::model
