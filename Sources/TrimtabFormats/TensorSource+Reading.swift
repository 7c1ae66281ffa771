public import Trimtab

extension TensorSource {
  /// Hands out blocks of whole rows (all axes but the first kept), first row first.
  ///
  /// A tensor of rank 0 comes as one block of rank 0. An empty tensor comes as one empty block.
  ///
  /// - Parameters:
  ///   - blockByteCount: a block takes no more, unless a single row does.
  ///   - memoryLimit: bytes that a block may take; a row beyond it is refused.
  /// - Throws: `FormatError` for what the file holds, and whatever `body` throws.
  public func forEachRowBlock(
    blockByteCount: Int = TensorSource.defaultBlockByteCount, memoryLimit: Int,
    _ body: (TensorView) throws -> Void
  ) throws {
    switch content {
    case .text(let table): try table.forEachRowBlock(blockByteCount: min(blockByteCount, memoryLimit), body)
    case .array(let array):
      if array.isFortranOrder {
        try forEachColumnMajorBlock(array, blockByteCount: blockByteCount, memoryLimit: memoryLimit, body)
      } else {
        try forEachRowMajorBlock(array, blockByteCount: blockByteCount, memoryLimit: memoryLimit, body)
      }
    }
  }

  /// Hands out all elements in row-major order, in blocks whose shape does not matter: what summaries need.
  ///
  /// Unlike rows, such blocks are always bounded.
  public func forEachElementBlock(memoryLimit: Int, _ body: (TensorView) throws -> Void) throws {
    guard case .array(let array) = content, !array.isFortranOrder else {
      return try forEachRowBlock(memoryLimit: memoryLimit, body)
    }
    let flat = TensorSource(
      path: path, name: name, elementType: elementType, shape: [count], fileByteCount: fileByteCount, content: content)
    try flat.forEachRowMajorBlock(
      array, blockByteCount: TensorSource.defaultBlockByteCount, memoryLimit: memoryLimit, body)
  }

  /// Hands out the whole tensor, which is loaded into memory for it.
  ///
  /// - Parameter memoryLimit: bytes that the tensor may take; a greater one is refused before any is read, a table of
  ///   text as soon as its rows take more.
  public func withView<Result>(memoryLimit: Int, _ body: (TensorView) throws -> Result) throws -> Result {
    guard case .array(let array) = content else { return try withTextView(memoryLimit: memoryLimit, body) }
    try checkMemory(byteCount, limit: memoryLimit)
    let buffer = try BlockBuffer(byteCount: byteCount, path: path, tensor: name)
    let stream = try array.makeStream(path: path, tensor: name, byteCount: byteCount)
    try stream.readExactly(into: buffer.bytes, path: path, tensor: name)
    if array.isByteSwapped { buffer.swapBytes(count: count, width: elementType.byteCount) }
    var strides: Extents?
    if array.isFortranOrder { strides = columnMajorStrides(rows: shape.first ?? 1) }
    return try withExtendedLifetime(buffer) {
      try body(view(buffer, rows: shape.first, strides: strides))
    }
  }

  /// A table has as many rows as reading it shows: its memory grows with them.
  private func withTextView<Result>(memoryLimit: Int, _ body: (TensorView) throws -> Result) throws -> Result {
    var values: [Double] = []
    var rows = 0
    try forEachRowBlock(memoryLimit: memoryLimit) { block in
      try checkMemory((values.count + block.count) * 8, limit: memoryLimit)
      let first = block.base?.assumingMemoryBound(to: Double.self)
      values.append(contentsOf: UnsafeBufferPointer(start: first, count: first == nil ? 0 : block.count))
      rows += block.shape[0]
    }
    return try values.withUnsafeBytes { bytes in
      try body(TensorView(bytes.baseAddress, .float64, shape: [rows] + shape.dropFirst()))
    }
  }

  private func checkMemory(_ bytes: Int, limit: Int) throws(FormatError) {
    guard bytes <= limit else {
      throw FormatError(
        path, tensor: name, "would take \(bytes) bytes of memory for a file of \(fileByteCount), allowed \(limit)",
        isAboutMemory: true)
    }
  }

  /// A view of the front of a buffer; `rows` nil for rank 0.
  private func view(_ buffer: BlockBuffer, rows: Int?, strides: Extents? = nil) throws(TrimtabError) -> TensorView {
    var extents = Extents()
    for (axis, extent) in shape.enumerated() { extents[axis] = extent }
    if let rows { extents[0] = rows }
    return try TensorView(
      base: buffer.bytes.baseAddress, elementType: elementType, rank: shape.count, shape: extents, strides: strides)
  }

  private func forEachRowMajorBlock(
    _ array: ArrayContent, blockByteCount: Int, memoryLimit: Int, _ body: (TensorView) throws -> Void
  ) throws {
    let rowBytes = rowElementCount * elementType.byteCount
    let rows = shape.first ?? 1
    let rowsInBlock = min(rows, max(1, min(blockByteCount, memoryLimit) / max(rowBytes, 1)))
    try checkMemory(rowsInBlock * rowBytes, limit: memoryLimit)
    let buffer = try BlockBuffer(byteCount: rowsInBlock * rowBytes, path: path, tensor: name)
    let stream = try array.makeStream(path: path, tensor: name, byteCount: byteCount)
    var row = 0
    repeat {
      let part = min(rowsInBlock, rows - row)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<(part * rowBytes)])
      try stream.readExactly(into: bytes, path: path, tensor: name)
      if array.isByteSwapped { buffer.swapBytes(count: part * rowElementCount, width: elementType.byteCount) }
      try withExtendedLifetime(buffer) { try body(view(buffer, rows: shape.isEmpty ? nil : part)) }
      row += part
    } while row < rows && rowBytes > 0
  }

  private func columnMajorStrides(rows: Int) -> Extents {
    var strides = Extents()
    var step = 1
    for (axis, extent) in shape.enumerated() {
      strides[axis] = step
      step *= axis == 0 ? rows : extent
    }
    return strides
  }

  /// Column-major order keeps a block's rows apart: one short read for each element of a row.
  private func forEachColumnMajorBlock(
    _ array: ArrayContent, blockByteCount: Int, memoryLimit: Int, _ body: (TensorView) throws -> Void
  ) throws {
    guard case .region(let file, let offset) = array.place else {
      return try withView(memoryLimit: memoryLimit, body)
    }
    let rows = shape.first ?? 1
    let columns = rowElementCount
    let width = elementType.byteCount
    guard count > 0 else { return try withView(memoryLimit: memoryLimit, body) }
    // Larger blocks than row-major order takes: they make the reads longer.
    let wanted = min(max(blockByteCount, 16 * TensorSource.defaultBlockByteCount), memoryLimit)
    let rowsInBlock = min(rows, max(1, wanted / (columns * width)))
    try checkMemory(rowsInBlock * columns * width, limit: memoryLimit)
    let buffer = try BlockBuffer(byteCount: rowsInBlock * columns * width, path: path, tensor: name)
    var row = 0
    while row < rows {
      let part = min(rowsInBlock, rows - row)
      for column in 0..<columns {
        let target = buffer.bytes[(column * part * width)..<((column + 1) * part * width)]
        try file.read(
          at: offset + (column * rows + row) * width, into: UnsafeMutableRawBufferPointer(rebasing: target))
      }
      if array.isByteSwapped { buffer.swapBytes(count: part * columns, width: width) }
      try withExtendedLifetime(buffer) { try body(view(buffer, rows: part, strides: columnMajorStrides(rows: part))) }
      row += part
    }
  }
}
