#include "torch_trainer/training.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <thread>

#include "torch_trainer/checkpoint.hpp"
#include "torch_trainer/network.hpp"
#include "torch_trainer/pace.hpp"

namespace voltage::torch_trainer {
namespace {

constexpr double kWarmUp = 0.03;  // of all steps
constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.98;
constexpr double kEpsilon = 1e-8;
constexpr double kAverage = 0.997;  // of the weights, a step
constexpr double kClip = 1.0;       // Euclidean length of the gradient
constexpr std::int64_t kTrainMoves = 4;
constexpr std::int64_t kValidMoves = 8;
constexpr std::int64_t kValidBatch = 256;
constexpr std::size_t kParts = 2;

std::vector<std::uint32_t> usable(const VoltagePatchTstJob& job, const VoltagePatchTstSet& set) {
  std::vector<std::uint32_t> out;
  for (std::int64_t i = 0; i < set.windows; ++i) {
    if (complete(job.shape, job.rows, job.bars, set.end_bar[i])) out.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

class Trainer {
 public:
  explicit Trainer(const VoltagePatchTstJob& job);
  void run();

 private:
  double rate() const;
  double seconds() const;
  void step();
  void apply(double rate, double weight);
  double validate();
  void shuffle(std::uint64_t epoch);
  void gather(std::vector<std::uint32_t>& members);
  bool validation(bool last);  // false: stop
  template <class Work>
  void in_parts(const Work& work) const;

  const VoltagePatchTstJob& job_;
  Source source_;
  std::vector<std::uint32_t> train_;
  std::vector<std::uint32_t> valid_;
  std::vector<std::uint32_t> order_;
  std::uint64_t epoch_{std::numeric_limits<std::uint64_t>::max()};
  std::vector<char> decays_;  // a value
  Progress state_;
  std::vector<float> average_view_;  // the averaged weights under validation
  std::vector<std::vector<float>> gradients_;
  Loss since_report_;
  std::chrono::steady_clock::time_point start_{std::chrono::steady_clock::now()};
  double seconds_before_{0};
  std::uint64_t identity_{};
};

Trainer::Trainer(const VoltagePatchTstJob& job)
    : job_{job},
      source_{&job.shape, job.rows, job.statistics},
      train_{usable(job, job.train)},
      valid_{usable(job, job.valid)},
      identity_{identity(job)} {
  if (train_.empty()) throw std::runtime_error("no training window has a complete price channel");
  if (valid_.empty()) throw std::runtime_error("no validation window has a complete price channel");
  for (const auto& t : forecast::patchtst_layout(job.shape)) {
    decays_.insert(decays_.end(), t.size(), t.trained && t.rows > 1 && t.name != "position" ? 1 : 0);
  }
  if (job.resume != nullptr) {
    state_ = read_checkpoint(job.resume, job.resume_size, decays_.size(), identity_);
    seconds_before_ = state_.seconds;
  } else {
    state_.values = first_values(job.shape, job.statistics, job.seed);
    state_.average = state_.values;
    state_.best = state_.values;
    state_.first_moment.assign(state_.values.size(), 0.0F);
    state_.second_moment.assign(state_.values.size(), 0.0F);
  }
  gradients_.assign(kParts, std::vector<float>(state_.values.size()));
}

double Trainer::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

double Trainer::rate() const {
  const double done = state_.done;
  const double warm =
      std::min(1.0, static_cast<double>(state_.step + 1) / std::max(1.0, kWarmUp * static_cast<double>(job_.steps)));
  return job_.learning_rate * warm * 0.5 * (1 + std::cos(3.141592653589793 * done));
}

void Trainer::shuffle(std::uint64_t epoch) {
  order_ = train_;
  for (std::size_t i = order_.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(draw(job_.seed, 0x5f1e, epoch, i) % i);
    std::swap(order_[i - 1], order_[j]);
  }
  epoch_ = epoch;
}

void Trainer::gather(std::vector<std::uint32_t>& members) {
  const auto n = static_cast<std::uint64_t>(train_.size());
  const auto from = static_cast<std::uint64_t>(state_.step) * static_cast<std::uint64_t>(job_.batch);
  for (std::uint64_t i = from; i < from + static_cast<std::uint64_t>(job_.batch); ++i) {
    if (i / n != epoch_) shuffle(i / n);
    members.push_back(order_[i % n]);
  }
}

// An exception must not leave a thread: it is carried over.
template <class Work>
void Trainer::in_parts(const Work& work) const {
  std::vector<std::exception_ptr> faults(kParts);
  auto guarded = [&](std::size_t part) {
    try {
      use_one_thread();
      work(part);
    } catch (...) {
      faults[part] = std::current_exception();
    }
  };
  std::thread other(guarded, 1);
  guarded(0);
  other.join();
  for (const auto& fault : faults) {
    if (fault) std::rethrow_exception(fault);
  }
}

void Trainer::apply(double rate, double weight) {
  const std::size_t n = state_.values.size();
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double g = (static_cast<double>(gradients_[0][i]) + static_cast<double>(gradients_[1][i])) / weight;
    gradients_[0][i] = static_cast<float>(g);
    squares += g * g;
  }
  const double length = std::sqrt(squares);
  if (!std::isfinite(length)) throw std::runtime_error("the loss is no longer finite: use a smaller learning rate");
  const double clip = length > kClip ? kClip / length : 1;
  const auto t = static_cast<double>(state_.step + 1);
  const double correct1 = 1 - std::pow(kBeta1, t);
  const double correct2 = 1 - std::pow(kBeta2, t);
  // The average follows closely at first, so that the random start does not linger in it.
  const double keep = std::min(kAverage, t / (t + 10));
  for (std::size_t i = 0; i < n; ++i) {
    const double g = static_cast<double>(gradients_[0][i]) * clip;
    const double m = kBeta1 * static_cast<double>(state_.first_moment[i]) + (1 - kBeta1) * g;
    const double v = kBeta2 * static_cast<double>(state_.second_moment[i]) + (1 - kBeta2) * g * g;
    double w = static_cast<double>(state_.values[i]);
    if (decays_[i] != 0) w -= rate * job_.weight_decay * w;
    w -= rate * (m / correct1) / (std::sqrt(v / correct2) + kEpsilon);
    state_.first_moment[i] = static_cast<float>(m);
    state_.second_moment[i] = static_cast<float>(v);
    state_.values[i] = static_cast<float>(w);
    state_.average[i] = static_cast<float>(keep * static_cast<double>(state_.average[i]) + (1 - keep) * w);
  }
}

double Trainer::validate() {
  Loss parts[kParts];
  in_parts([&](std::size_t part) {
    Network network(job_.shape, state_.average.data());
    const std::size_t chunk = static_cast<std::size_t>(kValidBatch);
    for (std::size_t i = part * chunk; i < valid_.size(); i += kParts * chunk) {
      const auto count = static_cast<std::int64_t>(std::min(chunk, valid_.size() - i));
      const Batch batch =
          make_batch(source_, job_.valid, valid_.data() + i, count, {kValidMoves, false, nullptr}, 0, job_.seed, 0);
      const Loss loss = network.loss(batch);
      parts[part].sum += loss.sum;
      parts[part].weight += loss.weight;
    }
  });
  return (parts[0].sum + parts[1].sum) / (parts[0].weight + parts[1].weight);
}

bool Trainer::validation(bool last) {
  const double valid = validate();
  const double train = since_report_.weight > 0 ? since_report_.sum / since_report_.weight : 0;
  since_report_ = {};
  state_.curve.push_back({state_.step, train, valid});
  if (valid < state_.best_valid) {
    state_.best_valid = valid;
    state_.best = state_.average;
    state_.worse = 0;
  } else {
    ++state_.worse;
  }
  state_.stopped_early = job_.patience > 0 && state_.worse >= job_.patience ? 1 : 0;
  state_.seconds = seconds();
  if (job_.checkpoint != nullptr) {
    const std::vector<char> bytes = write_checkpoint(state_, identity_);
    if (job_.checkpoint(job_.user, bytes.data(), bytes.size()) != 0) {
      throw std::runtime_error("the checkpoint could not be written");
    }
  }
  const VoltagePatchTstReport report{state_.step, job_.steps, train, valid, state_.seconds};
  if (job_.progress != nullptr && job_.progress(job_.user, &report) != 0) {
    throw std::runtime_error("stopped on request");
  }
  return state_.stopped_early == 0 && !last;
}

void Trainer::run() {
  Network first(job_.shape, state_.values.data());
  Network second(job_.shape, state_.values.data());
  Network* networks[kParts] = {&first, &second};
  std::vector<std::uint32_t> members;
  while (state_.done < 1 && state_.stopped_early == 0) {
    members.clear();
    gather(members);
    const std::size_t half = members.size() / kParts;
    Loss parts[kParts];
    in_parts([&](std::size_t part) {
      const std::size_t from = part * half;
      const std::size_t count = part + 1 < kParts ? half : members.size() - from;
      const Batch batch =
          make_batch(source_, job_.train, members.data() + from, static_cast<std::int64_t>(count),
                     {kTrainMoves, true, nullptr}, job_.blank, job_.seed, static_cast<std::uint64_t>(state_.step) + 1);
      parts[part] = networks[part]->gradient(batch, job_.dropout,
                                             draw(job_.seed, 0xd209, static_cast<std::uint64_t>(state_.step), part),
                                             gradients_[part].data());
    });
    const double weight = parts[0].weight + parts[1].weight;
    if (weight > 0) apply(rate(), weight);
    since_report_.sum += parts[0].sum + parts[1].sum;
    since_report_.weight += weight;
    ++state_.step;
    const double by_steps = static_cast<double>(state_.step) / static_cast<double>(job_.steps);
    const double by_time = job_.max_seconds > 0 ? seconds() / job_.max_seconds : 0;
    const Pace now = pace(by_steps, by_time);
    if (now.time_bound) state_.time_bound = 1;
    state_.done = std::max(state_.done, now.done);
    const bool last = state_.done >= 1;
    if (last || state_.step % job_.valid_every == 0) {
      if (!validation(last)) break;
    } else if (job_.progress != nullptr && state_.step % 20 == 0) {
      const VoltagePatchTstReport report{state_.step, job_.steps,
                                         since_report_.sum / std::max(since_report_.weight, 1.0),
                                         std::numeric_limits<double>::quiet_NaN(), seconds()};
      if (job_.progress(job_.user, &report) != 0) throw std::runtime_error("stopped on request");
    }
  }
  for (const auto& p : state_.curve) job_.point(job_.user, p.step, p.train, p.valid);
  job_.result(job_.user, state_.best.data(), state_.best.size(), state_.best_valid, state_.time_bound,
              state_.stopped_early);
}

}  // namespace

void train(const VoltagePatchTstJob& job) {
  if (job.steps < 1 || job.batch < 2 || job.valid_every < 1) {
    throw std::runtime_error("steps and valid_every must be at least 1, batch at least 2");
  }
  Trainer(job).run();
}

}  // namespace voltage::torch_trainer
