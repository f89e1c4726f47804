// Counters, gauges and histograms for Prometheus, by name and labels. Names are
// waymark_<service>_<noun>_<unit>. Labels come from small closed sets (method, code): never from a
// request, and never personal or clinical.
#ifndef WAYMARK_COMMON_METRICS_METRICS_H_
#define WAYMARK_COMMON_METRICS_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace waymark::metrics {

using Labels = std::map<std::string, std::string>;

// Handles on one time series: cheap to copy, thread-safe, valid as long as their registry. Keep one
// in the object that uses it: getting it again takes a lock and a look-up.
class Counter {
 public:
  explicit Counter(prometheus::Counter* series) : series_(series) {}
  void Increment(double by = 1) const;  // never negative
  double Value() const;

 private:
  prometheus::Counter* series_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge* series) : series_(series) {}
  void Set(double value) const;
  void Add(double by) const;
  double Value() const;

 private:
  prometheus::Gauge* series_;
};

class Histogram {
 public:
  explicit Histogram(prometheus::Histogram* series) : series_(series) {}
  void Observe(double value) const;

 private:
  prometheus::Histogram* series_;
};

// Upper bounds in seconds for the length of a call: 0.5 ms to 10 s.
const std::vector<double>& CallSeconds();

class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The same (name, labels) give the same series, created at zero by the first call. A name keeps
  // its kind, help and bounds: asking for it as another kind, or with a name or label that
  // Prometheus does not allow, is a fault in the code and ends the process.
  Counter GetCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge GetGauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // `bounds` are rising upper bounds in the unit of the name.
  Histogram GetHistogram(const std::string& name, const std::string& help,
                         const std::vector<double>& bounds = CallSeconds(),
                         const Labels& labels = {});

  // Everything in Prometheus' text form, as it is scraped.
  std::string Text() const;

 private:
  friend class Exposer;
  struct State;
  std::unique_ptr<State> state_;
};

// The registry of the process.
Registry& Default();

// Serves a registry at http://<address>/metrics until destroyed.
class Exposer {
 public:
  // `address` is "host:port"; port 0 takes a free one. UNAVAILABLE METRICS_ADDRESS when it cannot
  // be bound. `registry` outlives the exposer.
  static absl::StatusOr<std::unique_ptr<Exposer>> Start(absl::string_view address,
                                                        Registry& registry = Default());
  ~Exposer();
  int port() const { return port_; }

 private:
  struct State;
  explicit Exposer(std::unique_ptr<State> state, int port);
  std::unique_ptr<State> state_;
  int port_;
};

}  // namespace waymark::metrics

#endif  // WAYMARK_COMMON_METRICS_METRICS_H_
