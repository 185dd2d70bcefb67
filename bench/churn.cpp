// The yardstick in C++: the built-in scenario churn as one writes it with the standard library, a std::priority_queue of
// events and a std::unordered_map from handle to address family, with the checks and measures that the kernel makes:
// handle and state at every step, a latency record for every pended close, a digest of every transition.
//
// Usage: churn <AFs> <seed>. Prints `ready <seconds of set-up>`; then, for each line `<events>` on standard input, runs
// that many events and prints `<events> <seconds> <virtual ms> <pended> <digest>`. Exits 1 when a check fails.

#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <unordered_map>
#include <vector>

namespace {

constexpr double meanTicks = 10'000;  // 1 ms of 100 ns ticks
constexpr double ticksPerMs = 10'000;

enum class Kind : uint8_t { hold, closeDone };
enum class State : uint8_t { open, closePended };

struct Event {
  uint64_t tick;
  uint64_t sequence;
  uint64_t handle;
  Kind kind;
};

struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return a.tick != b.tick ? a.tick > b.tick : a.sequence > b.sequence;
  }
};

struct AddressFamily {
  State state;
  uint64_t requestTick;
};

[[noreturn]] void fail(const char* reason) {
  std::fprintf(stderr, "churn: %s\n", reason);
  std::exit(1);
}

class Churn {
 public:
  Churn(uint32_t afs, uint64_t seed) : state_(seed) {
    table_.reserve(afs);
    std::vector<Event> storage;
    storage.reserve(afs + 1);
    queue_ = decltype(queue_)(Later{}, std::move(storage));
    for (uint32_t slot = 0; slot < afs; slot++) open(slot, 1);
  }

  void run(uint64_t events) {
    for (; events > 0; events--) step();
  }

  double virtualMs() const { return static_cast<double>(now_) / ticksPerMs; }
  uint64_t pended() const { return pended_; }
  uint64_t digest() const { return digest_; }

 private:
  void step() {
    const Event event = queue_.top();
    queue_.pop();
    now_ = event.tick;
    const auto found = table_.find(event.handle);
    if (found == table_.end()) fail("an event names a handle that is not open");
    AddressFamily& af = found->second;
    if (event.kind == Kind::hold) {
      if (af.state != State::open) fail("an AF is closed that is not open");
      af = {State::closePended, now_};
      pended_++;
      fold(event.handle, 6, 1);
      schedule(Kind::closeDone, event.handle);
    } else {
      if (af.state != State::closePended) fail("a close completes that is not pended");
      record(now_ - af.requestTick);
      pended_--;
      fold(event.handle, 10, 0);
      table_.erase(found);
      open(static_cast<uint32_t>(event.handle >> 32), static_cast<uint32_t>(event.handle) + 1);
    }
  }

  void open(uint32_t slot, uint32_t generation) {
    const uint64_t handle = static_cast<uint64_t>(slot) << 32 | generation;
    table_.emplace(handle, AddressFamily{State::open, 0});
    fold(handle, 1, 0);
    schedule(Kind::hold, handle);
  }

  void schedule(Kind kind, uint64_t handle) {
    const uint64_t delay = static_cast<uint64_t>(-meanTicks * std::log(uniform()) + 0.5);
    queue_.push({now_ + delay, sequence_++, handle, kind});
  }

  // SplitMix64, as a number in (0, 1].
  double uniform() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    return (static_cast<double>(z >> 11) + 1) * 0x1p-53;
  }

  // Buckets of 128 for every power of two: less than 1 % wide.
  void record(uint64_t ticks) {
    const int magnitude = std::bit_width(ticks | 127) - 7;
    latency_[static_cast<size_t>(magnitude) * 128 + (ticks >> magnitude)]++;
    latencySum_ += ticks;
    if (ticks > latencyMax_) latencyMax_ = ticks;
  }

  void fold(uint64_t handle, uint64_t transition, uint64_t status) {
    const uint64_t a = handle ^ now_ * 0x9E3779B97F4A7C15;
    digest_ = std::rotl((digest_ ^ (a + (transition << 8 | status))) * 0xD6E8FEB86659FD93, 31);
  }

  uint64_t state_;
  uint64_t now_ = 0;
  uint64_t sequence_ = 0;
  uint64_t pended_ = 0;
  uint64_t digest_ = 0;
  uint64_t latencySum_ = 0;
  uint64_t latencyMax_ = 0;
  std::priority_queue<Event, std::vector<Event>, Later> queue_;
  std::unordered_map<uint64_t, AddressFamily> table_;
  std::vector<uint64_t> latency_ = std::vector<uint64_t>(64 * 128);
};

double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) fail("usage: churn <AFs> <seed>");
  const auto start = std::chrono::steady_clock::now();
  Churn churn(static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10)), std::strtoull(argv[2], nullptr, 10));
  std::printf("ready %.9f\n", secondsSince(start));
  std::fflush(stdout);
  unsigned long long events = 0;
  while (std::scanf("%llu", &events) == 1) {
    const auto begin = std::chrono::steady_clock::now();
    churn.run(events);
    std::printf("%llu %.9f %.6f %llu %016llx\n", events, secondsSince(begin), churn.virtualMs(),
                static_cast<unsigned long long>(churn.pended()), static_cast<unsigned long long>(churn.digest()));
    std::fflush(stdout);
  }
}
