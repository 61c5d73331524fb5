#include "app/forecasting.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/time.hpp"
#include "model/admission.hpp"
#include "model/bundle_files.hpp"

namespace voltage::app {

using features::kMinuteNs;

Result<std::unique_ptr<Forecasting>> Forecasting::open(const std::string& model,
                                                       const std::vector<std::string>& candles) {
  auto bundle = model::load_bundle(model);
  if (!bundle) return fail(bundle.error().message);
  if (const auto sound = model::admit(*bundle, bundle->facts.trained_to, model::Use::research); !sound) {
    return fail(model + ": " + sound.error().message);
  }
  const auto read = io::read_candles(candles);
  if (!read) return fail(read.error().message);
  return make(std::move(*bundle), *read);
}

Result<std::unique_ptr<Forecasting>> Forecasting::make(forecast::Bundle bundle, const io::Candles& candles) {
  auto past = forecast::make_past(candles.fine, candles.coarse, bundle.season);
  if (!past) return fail(past.error().message);
  return std::unique_ptr<Forecasting>{new Forecasting{std::move(bundle), std::move(*past)}};
}

std::optional<std::size_t> Forecasting::slot_beginning(Time t) const {
  if (t.ns % kMinuteNs != 0) return std::nullopt;
  const features::Minute minute = t.ns / kMinuteNs;
  const auto& history = past_.history;
  if (const auto slot = history.slot_of(minute); slot >= 0 && history.point(static_cast<std::size_t>(slot)).fine) {
    return static_cast<std::size_t>(slot);
  }
  if (minute % 5 != 0) return std::nullopt;
  const auto slot = history.slot_of(minute + 4);
  if (slot < 0 || history.point(static_cast<std::size_t>(slot)).fine) return std::nullopt;
  return static_cast<std::size_t>(slot);
}

std::optional<std::size_t> Forecasting::slot_closed_by(Time t) const {
  const auto& history = past_.history;
  auto minute = std::min(t.ns / kMinuteNs - 1, history.origin() + static_cast<features::Minute>(history.size()) - 1);
  for (; minute >= history.origin(); --minute) {
    if (const auto slot = history.slot_of(minute); slot >= 0) return static_cast<std::size_t>(slot);
  }
  return std::nullopt;
}

std::string Forecasting::expiry_warning(Time t) const {
  return model::admit(bundle_, t, model::Use::research).value_or("");
}

Result<forecast::Surface> surface_at(const Forecasting& forecasting, Time t) {
  const auto slot = forecasting.slot_closed_by(t);
  if (!slot) return fail(fmt::format("no candle had closed by {}", format_iso(t)));
  const auto ask = forecasting.ask();
  return ask.surface(ask.look(forecasting.past(), *slot));
}

}  // namespace voltage::app
