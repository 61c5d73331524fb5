#include "app/fair.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "io/csv_table.hpp"
#include "pricing/asian.hpp"

namespace voltage::app {
namespace {

using namespace literals;
using pricing::SettlementLaw;
using pricing::SettlementView;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How well a spot price of one venue is the index: sd in basis points. Settlement minus the mean of one
// venue's last minute had sd 0.9 bp over 22 windows; a single price adds its own noise.
constexpr double kSpotSdBp = 1.5;

Result<Question> read_question(const std::vector<std::string_view>& f, const io::CsvTable& table) {
  const auto bad = [&](const char* what) { return table.bad(what); };
  const auto at = parse_int(f[1]), close = parse_int(f[3]);
  const auto spot = parse_double(f[2]);
  const auto low = f[4].empty() ? std::optional{-kInfinity} : parse_double(f[4]);
  const auto high = f[5].empty() ? std::optional{kInfinity} : parse_double(f[5]);
  if (f[0].empty()) return bad("field id is empty");
  if (!at || *at <= 0) return bad("field ts_ms is no time in milliseconds");
  if (!close || *close <= *at) return bad("field close_ts_ms is no time after ts_ms");
  if (*close - *at > 86'400'000) return bad("field close_ts_ms lies more than 24 hours ahead");
  if (!spot || *spot <= 0) return bad("field spot is no positive price");
  if (!low) return bad("field low is neither a number nor empty");
  if (!high) return bad("field high is neither a number nor empty");
  if (*low >= *high) return bad("field low is not below high");
  return Question{
      std::string{f[0]}, table.line_number(), Time::from_ms(*at), *spot, Time::from_ms(*close), *low, *high};
}

SettlementLaw law_of(const forecast::Surface& surface, const Question& q) {
  SettlementView view{q.at, q.close, q.spot, q.spot * kSpotSdBp * 1e-4, 0, 0, 0};
  const auto left = static_cast<int>(((q.close - q.at).ns + (1_s).ns - 1) / (1_s).ns);  // values still to come
  if (left < pricing::kAverageValues) {
    // The seconds of the average that have passed were near the price now: half their own spread away.
    view.seen = pricing::kAverageValues - left;
    view.seen_mean = q.spot;
    const double variance = surface.density(1_min).variance() / 60 * view.seen / 3;
    view.index_sd = q.spot * std::hypot(kSpotSdBp * 1e-4, std::sqrt(variance) * view.seen / pricing::kAverageValues);
  }
  return SettlementLaw{surface, view};
}

double at_or_above(const SettlementLaw& law, double usd) {
  if (usd == -kInfinity) return 1;
  if (usd == kInfinity) return 0;
  return law.at_or_above_usd(usd);
}

}  // namespace

Result<std::vector<Question>> read_questions(const std::string& path) {
  auto table = io::CsvTable::open(path, "id,ts_ms,spot,close_ts_ms,low,high");
  if (!table) return tl::unexpected(table.error());
  std::vector<Question> questions;
  for (;;) {
    const auto row = table->next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    auto question = read_question(**row, *table);
    if (!question) return tl::unexpected(question.error());
    questions.push_back(std::move(*question));
  }
  return questions;
}

Result<std::vector<double>> answer_questions(const Forecasting& forecasting, const std::vector<Question>& questions) {
  std::map<Time, forecast::Surface> surfaces;
  std::vector<double> answers;
  for (const auto& q : questions) {
    auto surface = surfaces.find(q.at);
    if (surface == surfaces.end()) {
      auto fresh = surface_at(forecasting, q.at);
      if (!fresh) return fail(fmt::format("question {} (line {}): {}", q.id, q.line, fresh.error().message));
      surface = surfaces.emplace(q.at, std::move(*fresh)).first;
    }
    const SettlementLaw law = law_of(surface->second, q);
    answers.push_back(std::clamp(at_or_above(law, q.low) - at_or_above(law, q.high), 0.0, 1.0));
  }
  return answers;
}

}  // namespace voltage::app
