internal import Trimtab

extension Tape {
  func evaluate(_ node: UnsafePointer<Node>) {
    if precision == .float32 {
      evaluate(node, FloatLanes.self)
    } else {
      evaluate(node, DoubleLanes.self)
    }
  }

  private func operand<L: ElementLanes>(_ index: Int, _ lanes: L.Type) -> UnsafeMutablePointer<L.Element> {
    let memory = nodes.at(index)?.pointee.memory ?? UnsafeMutableRawPointer(scratch.pointer)
    return memory.assumingMemoryBound(to: L.Element.self)
  }

  private func evaluate<L: ElementLanes>(_ node: UnsafePointer<Node>, _ lanes: L.Type) {
    let a = operand(node.pointee.a, lanes)
    let b = operand(node.pointee.b, lanes)
    let out = node.pointee.memory.assumingMemoryBound(to: L.Element.self)
    let (count, operation) = (node.pointee.count, node.pointee.operation)
    switch operation {
    case .leaf, .reshape: break
    case .apply: applyFunction(node.pointee.function, nil, a, out, count, lanes)
    case .chain: applyFunction(node.pointee.function, a, b, out, count, lanes)
    case .add, .subtract, .multiply, .divide:
      let shape = node.pointee.shape
      sweep.prepare(shape, self.shape(of: Value(node.pointee.a)), self.shape(of: Value(node.pointee.b)), shape)
      var run: (Int, Int, Int)? = (0, 0, 0)
      while let (x, y, z) = run {
        combineRun(operation, a + x, sweep.steps.a, b + y, sweep.steps.b, out + z, sweep.length, lanes)
        run = sweep.next(after: (x, y, z))
      }
    case .sum:
      let shape = shape(of: Value(node.pointee.a))
      let sums = wideScratch.pointer
      sweep.prepare(shape, shape, node.pointee.shape, Shape())
      sums.update(repeating: 0, count: count)
      var run: (Int, Int, Int)? = (0, 0, 0)
      while let (x, y, z) = run {
        sumRun(a + x, sums + y, sweep.steps.b, sweep.length, lanes)
        run = sweep.next(after: (x, y, z))
      }
      for index in 0..<count { out[index] = L.narrow(sums[index]) }
    case .product, .affine: evaluateProduct(node)
    case .gather: gatherBlocks(tables[node.pointee.table], a, out, size: precision.byteCount)
    case .scatter: scatterBlocks(tables[node.pointee.table], a, out, lanes)
    case .greatest: chooseGreatest(tables[node.pointee.table], tables[node.pointee.table &+ 1], a, out, lanes)
    case .sparse:
      multiplySparse(
        matrices[node.pointee.table], node.pointee.transposesA, a, out, node.pointee.shape[-1], count, lanes)
    case .softmax, .logSoftmax:
      let width = max(node.pointee.shape[-1], 1)
      let row = wideScratch.pointer
      for start in stride(from: 0, to: count &- width &+ 1, by: width) {
        for index in 0..<width { row[index] = L.widen(a[start &+ index]) }
        softmaxRow(row, width, isLogarithm: operation == .logSoftmax)
        for index in 0..<width { out[start &+ index] = L.narrow(row[index]) }
      }
    }
  }

  private func evaluateProduct(_ node: UnsafePointer<Node>) {
    guard let left = nodes.at(node.pointee.a), let right = nodes.at(node.pointee.b) else { return }
    let (rows, columns) = (node.pointee.shape[-2], node.pointee.shape[-1])
    let (ta, tb) = (node.pointee.transposesA, node.pointee.transposesB)
    let depth = left.pointee.shape[ta ? -2 : -1]
    let (aStep, bStep) = (left.pointee.shape[-1], right.pointee.shape[-1])
    let size = precision.byteCount
    let memory = node.pointee.memory
    let isAffine = node.pointee.operation == .affine
    if isAffine, let row = nodes.at(node.pointee.c)?.pointee.memory {
      for index in 0..<rows {
        (memory + index &* columns &* size).copyMemory(from: row, byteCount: columns &* size)
      }
    }
    for part in 0..<(node.pointee.count / max(rows &* columns, 1)) {
      let x = left.pointee.memory + part &* rows &* depth &* size
      let y = right.pointee.memory + part &* columns &* depth &* size
      let z = memory + part &* rows &* columns &* size
      let multiply = precision == .float32 ? kernels.multiplyFloats : kernels.multiplyDoubles
      multiply(
        x, ta ? 1 : aStep, ta ? aStep : 1, y, tb ? 1 : bStep, tb ? bStep : 1, rows, columns, depth, isAffine, z,
        columns, UnsafeMutableRawPointer(scratch.pointer))
    }
  }
}
