// The header from C++17: initialisers, a call of each kind, and a handle in a smart pointer.
#include <trimtab.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

static_assert(std::is_standard_layout_v<trimtab_tensor>);
static_assert(sizeof(trimtab_tensor) == 48, "DLTensor's layout");
static_assert(sizeof(trimtab_summary) == 160, "a frozen layout");
static_assert(std::is_same_v<trimtab_status, std::int32_t>);

namespace {

int failures = 0;

void check(bool holds, const char *what) {
  if (holds) return;
  failures++;
  std::printf("header.cpp: %s; last error: %s\n", what, trimtab_last_error());
}

struct CovarianceDeleter {
  void operator()(trimtab_covariance *covariance) const { trimtab_covariance_destroy(covariance); }
};

}  // namespace

int main() {
  // Two independent features, the second of standard deviation 10: condition number 100.
  std::vector<double> samples{1, 10, 1, -10, -1, 10, -1, -10};
  std::vector<std::int64_t> shape{4, 2};
  trimtab_tensor tensor{samples.data(), {TRIMTAB_DEVICE_CPU, 0}, 2, {TRIMTAB_DTYPE_FLOAT, 64, 1}, shape.data(), nullptr, 0};

  trimtab_conditioning_options options = TRIMTAB_CONDITIONING_OPTIONS_INIT;
  options.warning_condition_number = 50;
  trimtab_conditioning_report report = TRIMTAB_CONDITIONING_REPORT_INIT;
  check(trimtab_condition_number(&tensor, &options, &report) == TRIMTAB_OK, "condition_number");
  check(std::abs(report.condition_number - 100) < 1e-9, "its value");

  trimtab_covariance *raw = nullptr;
  check(trimtab_covariance_create(nullptr, &raw) == TRIMTAB_OK, "covariance_create");
  std::unique_ptr<trimtab_covariance, CovarianceDeleter> covariance(raw);
  check(trimtab_covariance_add(covariance.get(), &tensor) == TRIMTAB_OK, "covariance_add");
  trimtab_conditioning_report streamed = TRIMTAB_CONDITIONING_REPORT_INIT;
  check(trimtab_covariance_report(covariance.get(), &streamed) == TRIMTAB_OK, "covariance_report");
  check(streamed.condition_number == report.condition_number, "the stream's value");

  trimtab_gradient_report gradients = TRIMTAB_GRADIENT_REPORT_INIT;
  check(trimtab_gradient_norm(&tensor, 1, nullptr, &gradients, nullptr) == TRIMTAB_OK, "gradient_norm");
  check(std::abs(gradients.global_norm - std::sqrt(404.0)) < 1e-12, "the norm");

  trimtab_summary summary{};
  check(trimtab_summarize(&tensor, &summary) == TRIMTAB_OK && summary.count == 8, "summarize");
  check(trimtab_summarize(nullptr, &summary) == TRIMTAB_ERROR_NULL_ARGUMENT, "NULL");
  check(std::string(trimtab_status_name(TRIMTAB_OK)) == "TRIMTAB_OK", "status_name");
  return failures != 0;
}
