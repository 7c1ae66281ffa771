import Trimtab
import TrimtabFormats

/// All that a run may be told.
struct Settings {
  var conditioning = ConditioningOptions()
  var matrix = MatrixOptions()
  var activity = ActivityOptions()
  /// Whether `activity.unitAxis` was told, and is not to be chosen by the shape.
  var isUnitAxisTold = false
  var drift = DriftOptions()
  var gradients = GradientOptions()
  var scale = FeatureScaleOptions()
  var overlap = OverlapOptions()
  /// How many times the median norm of the first half of the steps, at the last one, is an explosion.
  var gradientGrowthFactor = 1e3
  var log = LogDoctorOptions()
  /// The column that is read as the loss of a training log; nil for the likeliest.
  var logLoss: String?
  var csv = CSVOptions()
  var recogniser = Recogniser()
  /// Bytes that a tensor and the work on it may take; nil for a share of the file.
  var maximumMemory: Int?

  /// Memory in proportion to the file: 24 bytes for each of its bytes let a covariance of as many rows as columns
  /// through.
  func memoryLimit(_ source: TensorSource) -> Int {
    if let maximumMemory { return maximumMemory }
    let (share, overflow) = source.fileByteCount.multipliedReportingOverflow(by: 24)
    return overflow ? .max : max(share, 256 << 20)
  }
}
