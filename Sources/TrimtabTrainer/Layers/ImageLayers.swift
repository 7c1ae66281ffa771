internal import Trimtab

/// The places of a sliding window in an image of height x width positions.
struct Window {
  let height: Int
  let width: Int
  let kernel: Int
  let stride: Int
  let padding: Int
  let outHeight: Int
  let outWidth: Int

  /// - Throws: `invalidArgument` for a window that does not fit.
  init(_ shape: Shape, _ description: LayerDescription) throws(TrimtabError) {
    height = shape[1]
    width = shape[2]
    kernel = description.kernel
    stride = description.stride
    padding = description.padding
    let smallest = min(height, width)
    guard kernel >= 1, kernel <= 1 << 12, padding >= 0, padding < kernel, kernel <= smallest &+ 2 &* padding else {
      throw TrimtabError(
        .invalidArgument,
        "layer.kernel: found % with padding % on % positions, allowed 1 to 4096, above the padding, that fits",
        kernel, padding, smallest)
    }
    guard stride >= 1, stride <= 1 << 16 else {
      throw TrimtabError(.invalidArgument, "layer.stride: found %, allowed 1 to 65536", stride)
    }
    outHeight = (height &+ 2 &* padding &- kernel) / stride &+ 1
    outWidth = (width &+ 2 &* padding &- kernel) / stride &+ 1
    var windows = Shape(outHeight, outWidth, kernel, kernel)
    windows.append(shape[3])
    guard windows.isProper() else {
      throw TrimtabError(.overflow, "layer.kernel: found %, whose windows have more than 2^40 elements", kernel)
    }
  }

  /// Calls `body` for each output position and each position of its window, with the position in the image; -1 in the
  /// padding.
  func eachPlace(_ body: (_ output: Int, _ offset: Int, _ place: Int) -> Void) {
    for row in 0..<outHeight {
      for column in 0..<outWidth {
        for offset in 0..<(kernel &* kernel) {
          let y = row &* stride &- padding &+ offset / kernel
          let x = column &* stride &- padding &+ offset % kernel
          let isInside = y >= 0 && y < height && x >= 0 && x < width
          body(row &* outWidth &+ column, offset, isInside ? y &* width &+ x : -1)
        }
      }
    }
  }
}

// Layers over images (batch, height, width, channels).
extension NetworkGraph {
  /// Windows as rows, times a matrix of kernel · kernel · channels x units; shown as (units, channels, kernel, kernel).
  @inline(never)
  func convolution(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = try need(x, rank: 4)
    let units = try need(description.units, "layer.units")
    let window = try Window(shape, description)
    let rows = try windows(x, window)
    let (side, channels) = (window.kernel, shape[3])
    let depth = side &* side &* channels
    let place = network.parameters.next
    let y = try linear(
      "weight", "bias", tape.reshape(rows, Shape(tape.shape(of: rows).count / depth, depth)), units, description)
    if let weight = network.parameters[place] {
      weight.viewShape = Shape(units, channels, side, side)
      weight.viewStrides[2] = side &* channels &* units
      weight.viewStrides[3] = channels &* units
    }
    return tape.reshape(y, Shape(shape[0], window.outHeight, window.outWidth, units))
  }

  /// (batch, positions, kernel · kernel, channels)
  private func windows(_ x: Value, _ window: Window) throws(TrimtabError) -> Value {
    let shape = tape.shape(of: x)
    let positions = window.outHeight &* window.outWidth
    let size = window.kernel &* window.kernel
    let target = Shape(shape[0], positions, size, shape[3])
    if size == 1, window.stride == 1 { return tape.reshape(x, target) }
    let table = try PlaceTable(
      count: positions &* size, length: shape[3], groups: shape[0], extent: shape[1] &* shape[2])
    window.eachPlace { output, offset, place in table[output &* size &+ offset] = place }
    return tape.gather(x, table, shape: target)
  }

  @inline(never)
  func pooling(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = try need(x, rank: 4)
    let window = try Window(shape, description)
    let (positions, size, channels) = (window.outHeight &* window.outWidth, window.kernel &* window.kernel, shape[3])
    let target = Shape(shape[0], window.outHeight, window.outWidth, channels)
    if description.kind == .meanPooling {
      return tape.reshape(tape.mean(try windows(x, window), over: 4), target)
    }
    let table = try PlaceTable(
      count: positions &* channels &* size, length: 1, groups: shape[0], extent: shape[1] &* shape[2] &* channels)
    window.eachPlace { output, offset, place in
      for channel in 0..<channels {
        table[(output &* channels &+ channel) &* size &+ offset] = place < 0 ? -1 : place &* channels &+ channel
      }
    }
    return try tape.greatest(x, table, window: size, shape: target)
  }

  /// Each position `kernel` times in both directions.
  @inline(never)
  func upsampling(_ description: LayerDescription, _ x: Value) throws(TrimtabError) -> Value {
    let shape = try need(x, rank: 4)
    let factor = try need(description.kernel, "layer.kernel", to: 64)
    let (height, width) = (shape[1] &* factor, shape[2] &* factor)
    let table = try PlaceTable(count: height &* width, length: shape[3], groups: shape[0], extent: shape[1] &* shape[2])
    for place in 0..<(height &* width) {
      table[place] = place / width / factor &* shape[2] &+ place % width / factor
    }
    return tape.gather(x, table, shape: Shape(shape[0], height, width, shape[3]))
  }
}
