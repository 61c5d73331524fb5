#include "app/run/world.hpp"

#include <functional>
#include <utility>

namespace voltage::app {

using namespace literals;

World::World(engine::Engine& engine, venue::sim::SimExchange& exchange, ForecastEdge& forecasts,
             std::vector<Recorder*> recorders, Duration forecast_delay, io::JournalWriter* journal)
    : engine_{engine},
      own_orders_{std::make_unique<SimOrders>(exchange)},
      orders_{*own_orders_},
      forecasts_{forecasts},
      recorders_{std::move(recorders)},
      forecast_delay_{forecast_delay},
      journal_{journal} {}

World::World(engine::Engine& engine, OrderEdge& orders, ForecastEdge& forecasts, std::vector<Recorder*> recorders,
             Duration forecast_delay, io::JournalWriter* journal)
    : engine_{engine},
      orders_{orders},
      forecasts_{forecasts},
      recorders_{std::move(recorders)},
      forecast_delay_{forecast_delay},
      journal_{journal} {}

void World::happen(Time at, event::Payload what) {
  watch_journal(at);
  run_due_before(at, false);
  if (!next_second_) next_second_ = Time{(at.ns / (1_s).ns + 1) * (1_s).ns};
  emit(at, std::move(what));
}

void World::pass(Time until) {
  run_due_before(until, true);
}

void World::rest(Time until) {
  const auto under_way = [this] { return orders_.next_due() || !answers_.empty(); };
  while (under_way() && next_second_ && *next_second_ < until) pass(*next_second_);
  if (!under_way()) next_second_.reset();
}

void World::run_due_before(Time limit, bool inclusive) {
  enum class Source { exchange, answer, second };
  for (;;) {
    std::optional<std::pair<Time, Source>> first;
    const auto offer = [&](std::optional<Time> at, Source source) {
      if (at && (!first || *at < first->first)) first = {*at, source};
    };
    offer(orders_.next_due(), Source::exchange);
    offer(answers_.empty() ? std::nullopt : std::optional{answers_.top().at}, Source::answer);
    offer(next_second_, Source::second);
    if (!first || (inclusive ? first->first > limit : first->first >= limit)) return;
    const Time at = first->first;
    switch (first->second) {
      case Source::exchange:
        if (auto answer = orders_.step()) emit(at, std::move(*answer));
        break;
      case Source::answer: {
        event::Payload what = answers_.top().what;
        answers_.pop();
        emit(at, std::move(what));
        break;
      }
      case Source::second:
        next_second_ = at + 1_s;
        emit(at, event::TimePassed{});
        watch_journal(at);
        break;
    }
  }
}

void World::emit(Time at, event::Payload what) {
  const event::Event e{++seq_, at, std::move(what)};
  if (journal_ != nullptr) journal_->append(e);
  for (Recorder* r : recorders_) r->record(e);
  orders_.observe(e);
  if (const auto* bar = std::get_if<event::CandleClosed>(&e.what)) forecasts_.learn(*bar);
  std::uint32_t place = 0;
  for (const auto& fx : engine_.on(e)) {
    for (Recorder* r : recorders_) r->record(e, fx);
    if (journal_ == nullptr || journal_->append(e, place++, fx))
      carry(e, fx);
    else
      refuse(e, fx);
  }
}

void World::carry(const event::Event& cause, const event::Effect& fx) {
  if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) {
    orders_.submit(order->terms(), cause.at);
  } else if (const auto* cancel = std::get_if<event::CancelOrder>(&fx)) {
    orders_.cancel(cancel->order, cause.at);
  } else if (const auto* amended = std::get_if<event::AmendOrder>(&fx)) {
    orders_.amend(amended->terms(), cause.at);
  } else if (std::holds_alternative<event::KillOrders>(fx)) {
    orders_.kill(cause.at);
  } else if (const auto* request = std::get_if<event::RequestForecast>(&fx)) {
    auto answer = forecasts_.forecast(*request);
    event::Payload what;
    if (answer)
      what = std::move(*answer);
    else
      what = event::ForecastFailed{request->request, answer.error().message};
    answer_at(cause.at + forecast_delay_, std::move(what));
  }
}

// The journal holds back what may cost money, and that alone.
void World::refuse(const event::Event& cause, const event::Effect& fx) {
  constexpr const char* kWhy = "not sent: the journal can't hold it";
  if (const auto* amended = std::get_if<event::AmendOrder>(&fx))
    answer_at(cause.at, event::AmendRefused{amended->terms().order, amended->terms().revision, kWhy});
  else
    answer_at(cause.at, event::OrderRefused{std::get<event::PlaceOrder>(fx).terms().order, kWhy});
  watch_journal(cause.at);
}

void World::watch_journal(Time at) {
  if (journal_ == nullptr) return;
  const auto health = journal_->healthy() ? event::Health::healthy : event::Health::down;
  if (health == journal_health_) return;
  journal_health_ = health;
  answer_at(at, event::StreamHealth{event::Stream::journal, health, journal_->why()});
}

}  // namespace voltage::app
