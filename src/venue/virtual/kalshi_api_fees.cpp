// Fees that change: those of a series are told ahead, those of an event when they are set or cleared.
#include "base/time.hpp"
#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_api.hpp"
#include "venue/virtual/kalshi_json.hpp"

namespace voltage::venue::virtual_kalshi {

using io::JsonWriter;

Answer<std::string> KalshiApi::fee_changes(Call& call) {
  const std::string wanted = call.query.first("series_ticker").value_or("");
  const bool past = call.query.first("show_historical").value_or("") == "true";
  const auto& options = world_.options();
  JsonWriter w;
  w.begin_object().begin_array("series_fee_change_arr");
  for (std::size_t i = 0; i < options.fees.size(); ++i) {
    const auto& change = options.fees[i];
    const Time at = options.start + change.after;
    if (change.of_event() || (!wanted.empty() && change.of != wanted) || (at <= call.now && !past)) continue;
    const auto terms = change.terms.value_or(market::FeeTerms{});
    w.begin_object().string("id", uuid_of('f', i)).string("series_ticker", change.of);
    w.string("fee_type", name(terms.type)).raw("fee_multiplier", multiplier_text(terms));
    w.string("scheduled_ts", format_iso(at)).end_object();
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::event_fee_changes(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const std::string wanted = call.query.first("event_ticker").value_or("");
  const auto& options = world_.options();
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < options.fees.size(); ++i) {
    const auto& change = options.fees[i];
    if (change.of_event() && (wanted.empty() || change.of == wanted)) found.push_back(i);
  }
  JsonWriter w;
  w.begin_object().begin_array("event_fee_changes");
  for (std::size_t k = page->from; k < found.size() && k < page->from + page->limit; ++k) {
    const auto& change = options.fees[found[k]];
    w.begin_object().string("id", uuid_of('f', found[k])).string("event_ticker", change.of);
    w.string("series_ticker", change.of.substr(0, change.of.find('-')));
    if (change.terms) {
      w.string("fee_type_override", name(change.terms->type));
      w.raw("fee_multiplier_override", multiplier_text(*change.terms));
    } else {
      w.raw("fee_type_override", "null").raw("fee_multiplier_override", "null");
    }
    w.string("scheduled_ts", format_iso(options.start + change.after)).end_object();
  }
  return w.end_array().string("cursor", page->next(found.size())).end_object().take();
}

}  // namespace voltage::venue::virtual_kalshi
