#pragma once
// The judgement of a bundle on a span of candles that it did not learn from: every member against every
// other at each event, by volatility regime and by hour, and the density as a density.
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "app/forecasting.hpp"
#include "forecast/scores.hpp"

namespace voltage::app {

inline constexpr std::size_t kColumns = forecast::kMembers + 1;  // the members, then the ensemble
inline constexpr std::array<const char*, kColumns> kColumnNames{"ewma", "har", "lightgbm", "patchtst", "ensemble"};
inline constexpr std::size_t kEnsemble = forecast::kMembers;

struct Event {
  Duration horizon;
  double move{};  // |log return| beyond this
};
std::vector<Event> standard_events();

// All answers to one event, in order of time. A member without an answer has NaN.
struct EventAnswers {
  Event event;
  std::vector<Time> at;
  std::vector<std::uint8_t> happened;
  std::vector<double> log_volatility;  // of the day before, to part calm from wild
  std::array<std::vector<double>, kColumns> p;
};

// Density at one horizon against what came.
struct DensityAnswers {
  Duration horizon;
  std::vector<double> pit;
  std::vector<double> crps;
  std::vector<double> log_score;      // −ln pdf
  std::vector<double> crps_baseline;  // of a normal with the exponential average's volatility
  std::vector<double> log_score_baseline;
};

struct Answers {
  std::vector<EventAnswers> events;
  std::vector<DensityAnswers> densities;
};

struct EvaluateSpan {
  Time from, to;
  Duration every;
  std::vector<Event> events;
  bool densities{true};     // ask for them too: they cost more than the events
  features::Blank blank{};  // input to take away
};

using Shown = std::function<void(double done)>;

// Appends the answers of the span; moments without a bar are left out.
void collect(const Forecasting& f, const EvaluateSpan& span, Answers& answers, const Shown& shown);

// metrics.json and index.html, from the answers alone. title: what was judged, for people.
std::string metrics_json(const Answers& answers, const EvaluateSpan& span);
// more: HTML that follows.
std::string report_html(const Answers& answers, const EvaluateSpan& span, const std::string& title,
                        const std::string& more = {});

// The part of the span that a row belongs to: a third of it by the volatility of the day before, four hours of the day.
inline constexpr std::array<const char*, 3> kRegimeNames{"calm", "middle", "wild"};
inline constexpr std::array<const char*, 6> kHourNames{"00-03", "04-07", "08-11", "12-15", "16-19", "20-23"};
std::vector<std::size_t> regimes_of(const EventAnswers& e);
std::vector<std::size_t> hours_of(const EventAnswers& e);

// The rows at which a column has an answer, ready to be scored.
struct Scored {
  std::vector<double> p;
  std::vector<std::uint8_t> y;
  std::vector<Time> at;
  std::vector<double> loss;
};
Scored rows_of(const EventAnswers& e, std::size_t column, const std::function<bool(std::size_t)>& keep);
// Diebold-Mariano of one column against another, on the rows at which both answered.
double versus(const EventAnswers& e, std::size_t column, std::size_t other);
std::size_t overlap_of(const EventAnswers& e, Duration every);
std::string event_name(const Event& e);

}  // namespace voltage::app
