/// How much a decoder's outputs move when one latent dimension is shuffled among the samples.
///
/// The root of the mean of |x(z) - x(z')|^2 over that of 2 |x(z) - mean|^2, z' being z with the dimension permuted: 0 for a
/// dimension that the decoder ignores, 1 where it decides all. It sees what active units miss. Definitions 9.2. Since 0.4.
///
/// - Parameters:
///   - outputs, shuffled: [n, ...] of one shape.
/// - Throws: `shape`, `dtype`, `invalidArgument` (outputs that do not vary, or hold NaN, Inf or numbers whose squares leave
///   float64), `outOfMemory`. Complexity: O(elements).
public func decoderSensitivity(outputs: TensorView, shuffled: TensorView) throws(TrimtabError) -> Double {
  guard outputs.rank >= 1, outputs.shape[0] >= 2 else {
    throw TrimtabError(
      .shape, "outputs: found rank % and % samples, allowed [samples, ...], 2 samples or more", outputs.rank,
      outputs.shape[0])
  }
  guard shuffled.rank == outputs.rank else {
    throw TrimtabError(.shape, "shuffled: found rank %, allowed % as in outputs", shuffled.rank, outputs.rank)
  }
  for axis in 0..<outputs.rank where shuffled.shape[axis] != outputs.shape[axis] {
    throw TrimtabError(
      .shape, "shuffled: found extent % on axis %, allowed % as in outputs", shuffled.shape[axis], axis,
      outputs.shape[axis])
  }
  try requireNumbers(outputs, "outputs")
  try requireNumbers(shuffled, "shuffled")
  let rows = outputs.shape[0]
  let columns = outputs.count / rows
  let room = try Storage<Double>(count: 3 &* columns, for: "outputs")
  let (own, other, mean) = (room.pointer, room.pointer + columns, room.pointer + 2 &* columns)
  var (spread, moved) = (0.0, 0.0)
  for row in 0..<rows {
    outputs.copy(from: row &* columns, count: columns, to: own)
    shuffled.copy(from: row &* columns, count: columns, to: other)
    for column in 0..<columns {
      let step = own[column] - mean[column]
      mean[column] += step / Double(row &+ 1)
      spread += step * (own[column] - mean[column])
      moved += (own[column] - other[column]) * (own[column] - other[column])
    }
  }
  guard spread < .infinity, moved < .infinity else {
    throw TrimtabError(
      .invalidArgument, "outputs, shuffled: found NaN, Inf or squares beyond float64, allowed finite numbers")
  }
  guard spread > 0 else {
    throw TrimtabError(
      .invalidArgument, "outputs: found the same for all % samples, allowed outputs that vary: nothing can be told",
      rows)
  }
  return (moved / (2 * spread)).squareRoot()
}

/// Fills outputs for latents; answers whether it could.
public typealias LatentDecoder = (_ latents: UnsafePointer<Double>, _ outputs: UnsafeMutablePointer<Double>) -> Bool

/// `decoderSensitivity` of every latent dimension, the decoder being asked d + 1 times.
///
/// A dimension is permuted by turning it on by half the samples.
///
/// - Parameters:
///   - latents: [n, d], draws or posterior means.
///   - outputCount: numbers that the decoder gives for a sample, 1 or more.
///   - each: room for d numbers.
///   - decode: takes n d numbers and fills n times `outputCount`; false ends the call.
/// - Throws: `shape`, `dtype`, `invalidArgument` (latents that are not finite, and outputs as above), `callback`,
///   `outOfMemory`; nothing is written then.
public func decoderSensitivities(
  latents: TensorView, outputCount: Int, each: UnsafeMutablePointer<Double>, _ decode: LatentDecoder
) throws(TrimtabError) {
  guard latents.rank == 2, latents.shape[0] >= 2 else {
    throw TrimtabError(
      .shape, "latents: found rank % and % samples, allowed [samples, dimensions], 2 samples or more", latents.rank,
      latents.shape[0])
  }
  try requireNumbers(latents, "latents")
  guard outputCount >= 1, outputCount <= 1 << 40 else {
    throw TrimtabError(.invalidArgument, "output_count: found %, allowed 1 to %", outputCount, 1 << 40)
  }
  let (rows, columns) = (latents.shape[0], latents.shape[1])
  let (total, overflow) = rows.multipliedReportingOverflow(by: outputCount)
  guard !overflow else {
    throw TrimtabError(.overflow, "output_count: found % for % samples, beyond 64 bits", outputCount, rows)
  }
  let given = try Storage<Double>(count: latents.count, for: "latents")
  let turned = try Storage<Double>(count: latents.count, for: "latents")
  let outputs = try Storage<Double>(count: total, for: "outputs")
  let moved = try Storage<Double>(count: total, for: "outputs")
  let found = try Storage<Double>(count: columns, for: "sensitivities")
  latents.copy(from: 0, count: latents.count, to: given.pointer)
  guard kernels.matrix.allFinite(given.pointer, latents.count) else {
    throw TrimtabError(.invalidArgument, "latents: found NaN or Inf, allowed finite numbers")
  }
  func ask(_ latents: Storage<Double>, _ outputs: Storage<Double>) throws(TrimtabError) {
    guard decode(latents.pointer, outputs.pointer) else {
      throw TrimtabError(.callback, "decode: the callback ended the call")
    }
  }
  try ask(given, outputs)
  let before = try TensorView(outputs.pointer, .float64, shape: [rows, outputCount])
  let after = try TensorView(moved.pointer, .float64, shape: [rows, outputCount])
  for column in 0..<columns {
    turned.pointer.update(from: given.pointer, count: given.count)
    for row in 0..<rows {
      turned.pointer[row &* columns &+ column] = given.pointer[(row &+ rows / 2) % rows &* columns &+ column]
    }
    try ask(turned, moved)
    found.pointer[column] = try decoderSensitivity(outputs: before, shuffled: after)
  }
  if columns > 0 { each.update(from: found.pointer, count: columns) }
}
