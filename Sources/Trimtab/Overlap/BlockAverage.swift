/// How samples of one shape are averaged over blocks: [n, length], [n, height, width] or [n, height, width, channels], to
/// `resolution` along the first axis of a sample and in proportion along the second.
public struct BlockAverage {
  /// Positions of a sample before, and how many of them make a block, along each axis.
  let height: Int
  let width: Int
  let channels: Int
  let factor: Int
  let isPlanar: Bool

  /// Numbers of an averaged sample.
  public var count: Int { height / factor &* (isPlanar ? width / factor : width) &* channels }
  var sourceCount: Int { height &* width &* channels }

  /// - Parameter resolution: 0 leaves the samples as they are.
  /// - Throws: `shape` (rank), `invalidArgument` for a resolution that does not divide.
  public init(_ samples: TensorView, resolution: Int, name: StaticText = "samples") throws(TrimtabError) {
    guard samples.rank >= 1, samples.rank <= 4 else {
      throw TrimtabError(
        .shape, "%: found rank %, allowed 1 to 4 (samples, positions or height and width, channels)", name, samples.rank
      )
    }
    isPlanar = samples.rank >= 3
    height = samples.rank >= 2 ? samples.shape[1] : 1
    width = samples.rank >= 3 ? samples.shape[2] : 1
    channels = samples.rank >= 4 ? samples.shape[3] : 1
    guard resolution != 0 else {
      factor = 1
      return
    }
    guard resolution >= 1, resolution <= height, height % resolution == 0 else {
      throw TrimtabError(
        .invalidArgument, "resolution: found % for % of % positions, allowed a divisor", resolution, name, height)
    }
    factor = height / resolution
    guard !isPlanar || width % factor == 0 else {
      throw TrimtabError(
        .invalidArgument, "resolution: found blocks of % for % of width %, allowed a divisor", factor, name, width)
    }
  }

  /// Averages one sample.
  func average(_ sample: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) {
    guard factor > 1 else { return target.update(from: sample, count: sourceCount) }
    let across = isPlanar ? factor : 1
    let (rows, columns) = (height / factor, width / across)
    let share = 1 / Double(factor &* across)
    for row in 0..<rows {
      for column in 0..<columns {
        for channel in 0..<channels {
          var sum = 0.0
          for y in 0..<factor {
            for x in 0..<across {
              let place = (row &* factor &+ y) &* width &+ column &* across &+ x
              sum += sample[place &* channels &+ channel]
            }
          }
          target[(row &* columns &+ column) &* channels &+ channel] = share * sum
        }
      }
    }
  }

  /// Averages samples into `output`, [n, numbers of an averaged sample] in any shape.
  ///
  /// - Throws: as `init`; `shape` where the output has another number of elements.
  public static func apply(
    to samples: TensorView, resolution: Int, into output: MutableTensorView
  ) throws(TrimtabError) {
    let blocks = try BlockAverage(samples, resolution: resolution)
    let rows = samples.shape[0]
    let (count, overflow) = rows.multipliedReportingOverflow(by: blocks.count)
    guard !overflow, output.view.count == count else {
      throw TrimtabError(.shape, "output: found % elements, allowed % x %", output.view.count, rows, blocks.count)
    }
    let source = try Storage<Double>(count: blocks.sourceCount, for: "sample")
    let target = try Storage<Double>(count: blocks.count, for: "sample")
    for row in 0..<rows {
      samples.copy(from: row &* blocks.sourceCount, count: blocks.sourceCount, to: source.pointer)
      blocks.average(source.pointer, to: target.pointer)
      output.copy(from: target.pointer, count: blocks.count, to: row &* blocks.count)
    }
  }
}

/// Samples at one resolution, those with NaN or Inf left out.
final class OverlapSamples {
  private(set) var count = 0
  let width: Int
  private(set) var nonfiniteCount = 0
  private let storage: Storage<Double>

  init(_ samples: TensorView, resolution: Int, name: StaticText) throws(TrimtabError) {
    let blocks = try BlockAverage(samples, resolution: resolution, name: name)
    width = blocks.count
    let rows = samples.shape[0]
    let (size, overflow) = rows.multipliedReportingOverflow(by: width)
    guard !overflow, width < 1 << 24 else {
      throw TrimtabError(.overflow, "%: found % samples of % numbers, more than memory can hold", name, rows, width)
    }
    storage = try Storage(count: size, for: "samples")
    let source = try Storage<Double>(count: blocks.sourceCount, for: "sample")
    for row in 0..<rows {
      samples.copy(from: row &* blocks.sourceCount, count: blocks.sourceCount, to: source.pointer)
      guard kernels.matrix.allFinite(source.pointer, blocks.sourceCount) else {
        nonfiniteCount = nonfiniteCount &+ 1
        continue
      }
      blocks.average(source.pointer, to: storage.pointer + count &* width)
      count = count &+ 1
    }
  }

  func row(_ index: Int) -> UnsafeMutablePointer<Double> { storage.pointer + index &* width }

  var greatestMagnitude: Double {
    var greatest = 0.0
    for place in 0..<(count &* width) { greatest = max(greatest, storage.pointer[place].magnitude) }
    return greatest
  }

  func multiply(by factor: Double) {
    for place in 0..<(count &* width) { storage.pointer[place] *= factor }
  }
}
