#include "app/lifecycle/retrain.hpp"

#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "model/bundle_files.hpp"

namespace voltage::app::lifecycle {
namespace {

using namespace literals;

// A challenger is fresh for as long after the data that judged it as a bundle is after the data that made it.
constexpr Duration kLife = 24_h * 30;

}  // namespace

Result<Verdict> put_forward(model::BundleStore& store, const std::string& hash, const io::Candles& candles,
                            const ChallengeRules& rules, Time now) {
  auto theirs = model::load_bundle(store.path_of(hash));
  if (!theirs) return tl::unexpected(theirs.error());
  const Contender challenger{std::move(*theirs)};
  std::optional<Contender> champion;
  if (const auto current = store.current(); !current.empty()) {
    if (current == hash) return fail(fmt::format("{} is in use already", hash));
    auto ours = model::load_bundle(store.path_of(current));
    if (!ours) return tl::unexpected(ours.error());
    champion.emplace(Contender{std::move(*ours)});
  }
  auto verdict = challenge(champion ? &*champion : nullptr, challenger, candles, rules);
  if (!verdict) return verdict;
  const auto written =
      verdict->promote ? store.promote(hash, now, verdict->why) : store.refuse(hash, now, verdict->why);
  if (!written) return tl::unexpected(written.error());
  return verdict;
}

Result<Round> retrain(const RetrainOptions& options, const io::Candles& candles, Time now,
                      const model::Progress& progress) {
  auto store = model::BundleStore::open(options.store);
  if (!store) return tl::unexpected(store.error());
  if (candles.fine.bars.empty()) return fail("training needs 1-minute candles: none of the files has them");
  const Time last = candles.fine.bars.back().begin;
  auto seen = bars_between(candles, candles.fine.bars.front().begin, last - options.rules.sealed);
  seen.hash = fmt::format("{} up to {}", candles.hash, (last - options.rules.sealed).ms());
  model::TrainReport report;
  auto bundle = model::train(seen, options.train, progress, &report);
  if (!bundle) return tl::unexpected(bundle.error());
  bundle->facts.expires = last + kLife;
  progress("judging", 0);
  const std::string fresh = options.store + "/challenger";
  if (auto saved = model::save_bundle(*bundle, fresh, model::metrics_json(report)); !saved)
    return tl::unexpected(saved.error());
  const auto hash = store->add(fresh);
  if (!hash) return tl::unexpected(hash.error());
  std::error_code error;
  std::filesystem::remove_all(fresh, error);
  if (store->current() == *hash) {
    Verdict same;
    same.why = "it is the champion itself: no new candles";
    return Round{*hash, same, report.seconds};
  }
  auto verdict = put_forward(*store, *hash, candles, options.rules, now);
  if (!verdict) return tl::unexpected(verdict.error());
  return Round{*hash, std::move(*verdict), report.seconds};
}

}  // namespace voltage::app::lifecycle
