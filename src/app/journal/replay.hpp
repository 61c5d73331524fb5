#pragma once
// Runs a journal again: its inputs through a fresh core, every effect compared with the recorded one, byte by
// byte. Needs the journal and nothing else: no network, no model (forecasts are inputs), no clock.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/run/core.hpp"
#include "io/journal_reader.hpp"

namespace voltage::app::journal {

struct Difference {
  std::uint64_t seq{};
  std::string what;  // for a person
};

// One event at a time, so that one can stop at any seq and look.
class Replayer {
 public:
  static Result<std::unique_ptr<Replayer>> open(const std::string& folder);

  const io::Manifest& manifest() const { return reader_.manifest(); }
  // The event that act() will hand to the core; empty at the end of the run.
  Result<std::optional<event::Event>> peek();
  // Hands it to the core and compares what came out with what was recorded.
  Result<std::optional<Difference>> act();
  // What the core asked for by the last act().
  std::span<const event::Effect> effects() const { return effects_; }
  const Core& core() const { return core_; }

  std::uint64_t events() const { return events_; }
  std::uint64_t effects_compared() const { return compared_; }
  bool ended_in_order() const { return reader_.ended_in_order(); }
  std::size_t torn_bytes() const { return reader_.torn_bytes(); }

 private:
  Replayer(io::JournalReader reader, const CoreConfig& config) : reader_{std::move(reader)}, core_{config} {}
  Status advance();

  io::JournalReader reader_;
  Core core_;
  std::optional<io::JournalRecord> record_;  // the next one; empty at the end
  bool started_{false};
  std::span<const event::Effect> effects_;
  std::uint64_t events_{0}, compared_{0};
};

struct ReplayReport {
  io::Manifest manifest;
  std::uint64_t events{0}, effects{0};
  std::optional<Difference> difference;  // the first one
  bool ended_in_order{false};
  std::size_t torn_bytes{0};
};
Result<ReplayReport> replay(const std::string& folder, const std::function<void(std::uint64_t events)>& progress = {});

}  // namespace voltage::app::journal
