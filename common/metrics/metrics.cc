#include "common/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace waymark::metrics {
namespace {

// prometheus-cpp throws for a name it cannot take; only code names metrics, so it is a bug found by
// the first test that runs it.
template <typename Function>
auto Named(const std::string& name, Function&& function) {
  try {
    return function();
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "waymark: metric %s: %s\n", name.c_str(), fault.what());
    std::abort();
  }
}

}  // namespace

void Counter::Increment(double by) const { series_->Increment(by); }
double Counter::Value() const { return series_->Value(); }
void Gauge::Set(double value) const { series_->Set(value); }
void Gauge::Add(double by) const { series_->Increment(by); }
double Gauge::Value() const { return series_->Value(); }
void Histogram::Observe(double value) const { series_->Observe(value); }

const std::vector<double>& CallSeconds() {
  static const auto& bounds = *new std::vector<double>{
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return bounds;
}

struct Registry::State {
  // Shared because the exposer asks for a weak_ptr. Merge: asking again for a known name gives the
  // same family.
  std::shared_ptr<prometheus::Registry> registry =
      std::make_shared<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge);
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter Registry::GetCounter(const std::string& name, const std::string& help,
                             const Labels& labels) {
  return Named(name, [&] {
    return Counter(
        &prometheus::BuildCounter().Name(name).Help(help).Register(*state_->registry).Add(labels));
  });
}

Gauge Registry::GetGauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Named(name, [&] {
    return Gauge(
        &prometheus::BuildGauge().Name(name).Help(help).Register(*state_->registry).Add(labels));
  });
}

Histogram Registry::GetHistogram(const std::string& name, const std::string& help,
                                 const std::vector<double>& bounds, const Labels& labels) {
  return Named(name, [&] {
    return Histogram(&prometheus::BuildHistogram()
                          .Name(name)
                          .Help(help)
                          .Register(*state_->registry)
                          .Add(labels, bounds));
  });
}

std::string Registry::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry->Collect());
}

Registry& Default() {
  static Registry& registry = *new Registry;  // threads may still count while statics go
  return registry;
}

struct Exposer::State {
  std::unique_ptr<prometheus::Exposer> exposer;
};

Exposer::Exposer(std::unique_ptr<State> state, int port) : state_(std::move(state)), port_(port) {}
Exposer::~Exposer() = default;

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Start(absl::string_view address,
                                                        Registry& registry) {
  const auto failed = [address] {
    return status::Unavailable("METRICS_ADDRESS", absl::StrCat("Cannot serve metrics at ", address,
                                                               ": in use or not an address here."));
  };
  try {
    auto state = std::make_unique<State>();
    // One thread: a scrape every few seconds needs no more.
    state->exposer = std::make_unique<prometheus::Exposer>(std::string(address), 1);
    state->exposer->RegisterCollectable(registry.state_->registry);
    const std::vector<int> ports = state->exposer->GetListeningPorts();
    if (ports.empty()) return failed();
    return std::unique_ptr<Exposer>(new Exposer(std::move(state), ports.front()));
  } catch (const std::exception&) {
    return failed();
  }
}

}  // namespace waymark::metrics
