#include "io/journal_writer.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/bytes.hpp"
#include "event/codec.hpp"

namespace voltage::io {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kHandOverBytes = 64U << 10;

std::chrono::nanoseconds wall(Duration d) {
  return std::chrono::nanoseconds{d.ns};
}

// What must survive whatever comes next: the facts, and that an order is at the venue.
bool is_urgent(const event::Payload& what) {
  return event::is_fact(what) || std::holds_alternative<event::OrderAccepted>(what);
}

}  // namespace

// Counts bytes of the stream: `given_` were handed over, `written_` are with the system, `synced_` survive.
class JournalWriter::Disk {
 public:
  Disk(std::unique_ptr<JournalDisk> disk, JournalOptions options) : disk_{std::move(disk)}, options_{options} {}
  ~Disk() { stop(); }

  // The first segment, with the manifest in it, synced: a run that can't write that does not start.
  Status start(const Manifest& manifest) {
    if (auto ok = open_segment(); !ok) return ok;
    std::string frame;
    append_frame(manifest_body(manifest), frame);
    std::size_t n = 0;
    if (auto ok = file_->append(frame, n); !ok) return ok;
    in_segment_ += n;
    facts_ = frame;
    if (auto ok = file_->sync(); !ok) return ok;
    thread_ = std::thread{[this] { run(); }};
    return {};
  }

  // facts: those among the frames.
  void give(std::string& frames, std::string& facts, bool sync) {
    std::unique_lock lock{mutex_};
    if (options_.patient) room_.wait(lock, [&] { return pending_.size() <= options_.buffer_bytes || !error_.empty(); });
    if (pending_.size() > options_.buffer_bytes) {
      lost_ = true;
    } else if (!lost_) {
      if (pending_.empty() && !writing_) waiting_since_ = Clock::now();
      pending_ += frames;
      pending_facts_ += facts;
      given_ += frames.size();
    }
    frames.clear();
    facts.clear();
    if (sync && options_.durable && !sync_asked_) {
      sync_asked_ = true;
      if (!writing_) waiting_since_ = Clock::now();
    }
    if (sync || pending_.size() >= kHandOverBytes) work_.notify_one();
  }

  // True when all that was given is on the disk, synced if the run is durable.
  bool wait() {
    std::unique_lock lock{mutex_};
    const std::uint64_t target = given_;
    const auto there = [&] { return (options_.durable ? synced_ : written_) >= target; };
    done_.wait_for(lock, wall(options_.stall_max), [&] { return there() || !error_.empty(); });
    return there() && !lost_;
  }

  std::string trouble() const {
    const std::scoped_lock lock{mutex_};
    if (!error_.empty()) return error_;
    if (lost_) return "part of it is lost; it ends before that";
    const bool waiting = writing_ || sync_asked_;
    if (waiting && !options_.patient && Clock::now() - waiting_since_ > wall(options_.stall_max))
      return "the disk does not answer";
    return {};
  }

  Status finish() {
    {
      const std::scoped_lock lock{mutex_};
      closing_ = true;
    }
    work_.notify_one();
    stop();
    if (!error_.empty()) return fail("journal: " + error_);
    if (lost_) return fail("journal: part of it is lost, it ends before that; the disk was full or too slow");
    return {};
  }

 private:
  void stop() {
    {
      const std::scoped_lock lock{mutex_};
      closing_ = true;
    }
    work_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Status open_segment() {
    auto file = disk_->create(segment_name(segment_ + 1));
    if (!file) return tl::unexpected(file.error());
    std::size_t n = 0;
    if (auto ok = (*file)->append(segment_header(segment_ + 1), n); !ok) return ok;
    ++segment_;
    file_ = std::move(*file);
    in_segment_ = n;
    return {};
  }

  void run() {
    std::unique_lock lock{mutex_};
    for (;;) {
      work_.wait_for(lock, wall(options_.retry),
                     [&] { return closing_ || sync_asked_ || pending_.size() >= kHandOverBytes; });
      if (batch_done_ == batch_.size()) take_batch();
      if (batch_.empty() && !sync_asked_) {
        if (closing_) return;
        continue;
      }
      const bool sync = std::exchange(sync_asked_, false) || closing_;
      writing_ = true;
      waiting_since_ = Clock::now();
      lock.unlock();
      const Status status = write_batch(sync);
      lock.lock();
      writing_ = false;
      written_ += std::exchange(batch_counted_, 0);
      if (status && sync) synced_ = written_;
      if (!status && sync) sync_asked_ = true;
      error_ = status ? std::string{} : status.error().message;
      if (!status && options_.patient) lost_ = true;
      done_.notify_all();
      room_.notify_all();
      if (status) continue;
      if (closing_) return;
      work_.wait_for(lock, wall(options_.retry), [&] { return closing_; });
    }
  }

  // Under the lock. A batch ends with a whole frame; the one that fills its segment ends with the mark.
  void take_batch() {
    batch_.clear();
    batch_done_ = 0;
    batch_.swap(pending_);
    facts_ += std::exchange(pending_facts_, {});
    rolls_ = in_segment_ + batch_.size() >= options_.segment_bytes && !batch_.empty();
    if (!rolls_) return;
    const std::size_t before = batch_.size();
    append_frame(std::string(1, static_cast<char>(RecordType::next_segment)), batch_);
    given_ += batch_.size() - before;
  }

  // Of the segment that is full. A disk that refuses costs a restart some time and nobody else anything.
  void write_facts() {
    append_frame(std::string(1, static_cast<char>(RecordType::next_segment)), facts_);
    std::size_t n = 0;
    if (auto file = disk_->create(facts_name(segment_)))
      static_cast<void>((*file)->append(segment_header(segment_) + facts_, n));
    facts_.clear();
  }

  // Without the lock. What is left undone is tried again.
  Status write_batch(bool sync) {
    if (!file_) {
      if (auto ok = open_segment(); !ok) return ok;
    }
    std::size_t n = 0;
    const Status status = file_->append(std::string_view{batch_}.substr(batch_done_), n);
    batch_done_ += n;
    batch_counted_ += n;
    in_segment_ += n;
    if (!status) return status;
    if (sync || rolls_) {
      if (auto ok = file_->sync(); !ok) {
        // What a failed sync lost, a second sync does not bring back: it would only say that all is well.
        const std::scoped_lock lock{mutex_};
        lost_ = true;
        return ok;
      }
    }
    if (rolls_) {
      write_facts();
      file_.reset();
      in_segment_ = 0;
    }
    rolls_ = false;
    return {};
  }

  std::unique_ptr<JournalDisk> disk_;
  JournalOptions options_;
  // Of the writing thread.
  std::unique_ptr<JournalFile> file_;
  std::uint32_t segment_{0};
  std::size_t in_segment_{0};
  std::string batch_;
  std::size_t batch_done_{0};     // bytes of it that are written
  std::size_t batch_counted_{0};  // of these, not yet in written_
  bool rolls_{false};             // the batch ends its segment
  std::string facts_;             // of the segment, as frames
  // Shared.
  mutable std::mutex mutex_;
  std::condition_variable work_, done_, room_;
  std::string pending_, pending_facts_;
  std::uint64_t given_{0}, written_{0}, synced_{0};
  bool sync_asked_{false}, writing_{false}, closing_{false}, lost_{false};
  Clock::time_point waiting_since_{};
  std::string error_;
  std::thread thread_;
};

JournalWriter::JournalWriter(std::unique_ptr<Disk> disk, JournalOptions options)
    : disk_{std::move(disk)}, options_{options} {}

JournalWriter::~JournalWriter() = default;

Result<std::unique_ptr<JournalWriter>> JournalWriter::create(std::unique_ptr<JournalDisk> disk,
                                                             const Manifest& manifest, JournalOptions options) {
  auto side = std::make_unique<Disk>(std::move(disk), options);
  if (auto ok = side->start(manifest); !ok) return tl::unexpected(ok.error());
  return std::unique_ptr<JournalWriter>{new JournalWriter{std::move(side), options}};
}

void JournalWriter::hand_over(bool urgent) {
  if (urgent || frames_.size() >= kHandOverBytes) disk_->give(frames_, facts_, urgent);
}

void JournalWriter::append(const event::Event& e) {
  ++events_;
  body_.assign(1, static_cast<char>(RecordType::event));
  ByteWriter head{body_};
  head(e.seq, e.at.ns);
  event::encode(e.what, body_);
  append_frame(body_, frames_);
  // The first event tells when the run began.
  if (e.seq == 1 || event::is_fact(e.what)) append_frame(body_, facts_);
  hand_over(is_urgent(e.what));
}

bool JournalWriter::append(const event::Event& cause, std::uint32_t place, const event::Effect& fx) {
  ++effects_;
  body_.assign(1, static_cast<char>(RecordType::effect));
  ByteWriter head{body_};
  head(cause.seq, place);
  event::EffectCodec::encode(fx, body_);
  append_frame(body_, frames_);
  if (std::holds_alternative<event::PlaceOrder>(fx) || std::holds_alternative<event::AmendOrder>(fx)) {
    if (!healthy()) {
      hand_over(true);
      return false;
    }
    hand_over(true);
    return !options_.durable || disk_->wait();
  }
  hand_over(std::holds_alternative<event::CancelOrder>(fx) || std::holds_alternative<event::KillOrders>(fx) ||
            std::holds_alternative<event::CashChange>(fx));
  return true;
}

bool JournalWriter::healthy() const {
  return disk_->trouble().empty();
}

std::string JournalWriter::why() const {
  return disk_->trouble();
}

Status JournalWriter::close() {
  body_.assign(1, static_cast<char>(RecordType::end_of_run));
  ByteWriter writer{body_};
  writer(events_, effects_);
  append_frame(body_, frames_);
  append_frame(body_, facts_);
  hand_over(true);
  return disk_->finish();
}

}  // namespace voltage::io
