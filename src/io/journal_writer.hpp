#pragma once
// Writes a run's journal. The core's thread hands records over and goes on; a thread of the writer's own
// writes and syncs them, so that a disk that stalls or is full never keeps a cancel from leaving.
//
//   inputs   are handed over before they act; losing one is harmless as long as nothing left because of it
//   effects  are handed over before they leave; an order leaves only when it, and all before it, is on the
//            disk (synced if `durable`). Cancels never wait.
//   fills, settlements and cash ask for a sync at once, and wait for nothing.
//
// When the disk refuses or stalls, healthy() is false and orders are refused until it is well again; what is
// handed over meanwhile waits in memory, up to a bound. Beyond the bound the journal ends there, for good: it
// stays a true beginning of the run, and no order leaves any more. A run that can wait (a backtest) waits for
// a slow disk, and fails at once on one that refuses. Not thread-safe: one thread hands over.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"
#include "io/journal_disk.hpp"
#include "io/journal_format.hpp"

namespace voltage::io {

struct JournalOptions {
  bool durable{true};   // orders wait for fdatasync
  bool patient{false};  // a full buffer waits for the disk instead of ending the journal
  std::size_t segment_bytes{64U << 20};
  std::size_t buffer_bytes{64U << 20};
  Duration stall_max{Duration{500'000'000}};  // a disk that takes longer stops new risk
  Duration retry{Duration{100'000'000}};
};

class JournalWriter {
 public:
  static Result<std::unique_ptr<JournalWriter>> create(std::unique_ptr<JournalDisk> disk, const Manifest& manifest,
                                                       JournalOptions options = {});
  ~JournalWriter();  // without close(): like a crash, but for what is already handed over

  void append(const event::Event& e);
  // `place`: among the effects of the cause, from 0. False: the effect must not leave (orders only).
  [[nodiscard]] bool append(const event::Event& cause, std::uint32_t place, const event::Effect& fx);

  // False while the disk refuses or stalls, and for good once something was lost. why() says it in words.
  bool healthy() const;
  std::string why() const;
  // Writes all, says that the run ended in order, and stops. Fails if anything is not on the disk by then.
  [[nodiscard]] Status close();

 private:
  class Disk;  // the writing thread's side
  JournalWriter(std::unique_ptr<Disk> disk, JournalOptions options);
  void hand_over(bool urgent);

  std::unique_ptr<Disk> disk_;
  JournalOptions options_;
  std::string body_;    // reused
  std::string frames_;  // handed over when big or urgent
  std::string facts_;   // of these, what a restart needs
  std::uint64_t events_{0}, effects_{0};
};

}  // namespace voltage::io
