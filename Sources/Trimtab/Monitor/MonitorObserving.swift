internal import CPlatform

extension Monitor {
  /// Opens a step; numbers must grow.
  ///
  /// - Throws: `invalidArgument` (a step is open, or the number is not above the last).
  public func beginStep(_ number: Int) throws(TrimtabError) {
    guard !isOpen else {
      throw TrimtabError(.invalidArgument, "step: found % while % is open, allowed after its end", number, step)
    }
    guard number > step else {
      throw TrimtabError(
        .invalidArgument, "step: found % after %, allowed above it (or say that it was restored)", number, step)
    }
    let now = trimtab_platform_seconds()
    governor.beginStep(at: now)
    noteCall(now)
    step = number
    serial = serial &+ 1
    isOpen = true
    scalars = ScalarValues()
    newFindingCount = 0
    shown = 0
  }

  /// Whether a quantity of an entry should be observed in this step: what an audit interval or the budget leaves out.
  /// Gradients are always wanted.
  public func wants(_ index: Int, _ quantity: Quantity) throws(TrimtabError) -> Bool {
    let watched = try watched(index)
    return governor.wants(quantity, of: watched, serial: serial)
  }

  /// Looks at a tensor; several of one quantity in one step add.
  ///
  /// - Throws: `invalidArgument` (no step is open, unknown entry, a quantity that it has not), `dtype`, `shape` (a
  ///   layer's units changed), `outOfMemory`; then the step goes on without it.
  public func observe(_ index: Int, _ quantity: Quantity, _ tensor: TensorView) throws(TrimtabError) {
    let start = trimtab_platform_seconds()
    try look(index, quantity, tensor)
    governor.spend(trimtab_platform_seconds() - start, isOptional: quantity != .gradient)
  }

  /// The same for many, timed as one; `tensor` gives number, entry and quantity of each.
  public func observeAll(
    _ count: Int, _ tensor: (Int) throws(TrimtabError) -> (index: Int, quantity: Quantity, view: TensorView)
  ) throws(TrimtabError) {
    let start = trimtab_platform_seconds()
    var isOptional = false
    for place in 0..<max(count, 0) {
      let next = try tensor(place)
      if place == 0 { isOptional = next.quantity != .gradient }
      do throws(TrimtabError) {
        try look(next.index, next.quantity, next.view)
      } catch {
        throw error.at("tensors[%]", place)
      }
    }
    governor.spend(trimtab_platform_seconds() - start, isOptional: isOptional)
  }

  func look(_ index: Int, _ quantity: Quantity, _ tensor: TensorView) throws(TrimtabError) {
    let watched = try opened(index, quantity)
    guard tensor.elementType.isFloatingPoint else {
      throw TrimtabError(.dtype, "tensor: found %, allowed floating point", tensor.elementType.name)
    }
    let limit = tensor.elementType.greatestFinite
    let wantsUnits = quantity == .preactivation && governor.wantsUnits(of: watched, serial: serial)
    if !wantsUnits, let quick = quickSummary(tensor, watched, quantity) {
      take(quick, watched, quantity, rank: tensor.rank, limit: limit)
      return
    }
    let summary = summarize(tensor)
    // A batch with a NaN in it is a finding of its own, and no sample of how the units behave.
    if wantsUnits, summary.nonfiniteCount == 0 {
      try watched.units?.add(tensor, turn: serial, scratch)
      if watched.firstDeadShare.isNaN, let units = watched.units { watched.firstDeadShare = units.deadShare }
    }
    if quantity == .weight {
      // Of several tensors in one step the first is the sample: two shards compared would say nothing.
      if watched.look(.weight).pointee.stamp != serial, isSpectrumDue(watched) {
        try watched.spectrum?.add(tensor, frobeniusNorm: summary.l2Norm)
      }
      watched.sample?.add(tensor, stamp: serial, rateSum: series.rateSum)
    }
    if quantity == .attention { watched.attention?.add(tensor) }
    if quantity == .output, watched.entry.order == 0, tensor.rank == 2, watched.look(.output).pointee.stamp == 0 {
      try noteInput(tensor, of: watched)
    }
    if quantity == .gradient, serial <= PublishedStart.stepCount, settings(of: .poorInitialisation).isEnabled {
      try noteGradientRange(tensor)
    }
    take(summary, watched, quantity, rank: tensor.rank, limit: limit)
    watched.look(quantity).pointee.limitShare = tensor.limitShare
    guard tensor.rank >= 2, tensor.shape[0] > 0 else { return }
    watched.look(quantity).pointee.rows = tensor.shape[0]
    watched.look(quantity).pointee.columns = tensor.count / tensor.shape[0]
  }

  /// A spectrum moves slowly and costs most of a look: all of the first looks, then every fourth, in turns.
  private func isSpectrumDue(_ watched: Watched) -> Bool {
    let count = watched.look(.weight).pointee.lookCount
    return count < 2 &* SpectralWatch.settled || (count &+ watched.index) % 4 == 0
  }

  /// What a gradient or an activation needs in most steps, at a third of the cost: its norm, and that it is finite. Nil
  /// where more is asked: in every audit, for another type than float32, and for what is not finite, so small or so
  /// large that a rule wants to know more, or has leaped since the look before.
  ///
  /// The other fields are bounds: mean |x| is at most the root mean square, and the greatest magnitude of a gradient at
  /// most the norm; that of an activation is exact.
  private func quickSummary(_ tensor: TensorView, _ watched: Watched, _ quantity: Quantity) -> Summary? {
    guard tensor.elementType == .float32, let base = tensor.base, tensor.count > 0,
      quantity == .gradient || quantity == .preactivation || quantity == .output, tensor.isCompact,
      options.preset == .trimtab, (serial &+ watched.index) % options.auditInterval != 0,
      !needsMoments(watched, quantity)
    else { return nil }
    var bits: UInt32 = 0
    let square =
      quantity == .gradient
      ? kernels.squareSum(base, tensor.count) : kernels.squareSumAndGreatest(base, tensor.count, &bits)
    let count = Double(tensor.count)
    guard square > 1e-10 * count, square < 1e60 else { return nil }
    let norm = square.squareRoot()
    let last = watched.look(quantity).pointee.summary.l2Norm
    guard norm < 4 * last, last < 4 * norm else { return nil }
    var summary = Summary()
    summary.count = tensor.count
    summary.scaledSquareSum = square
    summary.l2Norm = norm
    summary.greatestMagnitude = quantity == .gradient ? norm : Double(Float(bitPattern: bits))
    summary.maximum = summary.greatestMagnitude
    summary.minimum = -summary.greatestMagnitude
    summary.l1Norm = (square * count).squareRoot()
    summary.scaledAbsoluteSum = summary.l1Norm
    return summary
  }

  /// Whether a rule needs more of a look than its norm: mean |x| over widths, or what is off by default.
  private func needsMoments(_ watched: Watched, _ quantity: Quantity) -> Bool {
    watched.entry.width > 0 && quantity != .gradient || settings(of: .tensorVariance).isEnabled
      || settings(of: .poorInitialisation).isEnabled && serial <= PublishedStart.stepCount
  }

  /// Takes a summary made elsewhere, such as on an accelerator or another rank.
  ///
  /// - Throws: as `observe`, and `invalidArgument` for a summary that cannot come from data.
  public func observe(
    _ index: Int, _ quantity: Quantity, summary: Summary, rank: Int
  ) throws(TrimtabError) {
    let watched = try opened(index, quantity)
    guard rank >= 0, rank <= Extents.capacity else {
      throw TrimtabError(.invalidArgument, "rank: found %, allowed 0 to %", rank, Extents.capacity)
    }
    var checked = Summary.identity
    try checked.merge(summary)
    take(checked, watched, quantity, rank: rank, limit: .infinity)
  }

  /// Takes some elements of a tensor whose summary is handed in, before this, from elsewhere: what a summary alone does not
  /// tell. Of a weight the same elements at every look, of pre-activations and attention whole rows.
  ///
  /// - Parameter rows: the first extent of the whole tensor; 0: not known.
  /// - Throws: as `observe`, and `invalidArgument` for negative rows.
  @inline(never)
  public func observe(
    _ index: Int, _ quantity: Quantity, sample: TensorView, rows: Int
  ) throws(TrimtabError) {
    let watched = try opened(index, quantity)
    guard sample.elementType.isFloatingPoint, rows >= 0 else {
      throw TrimtabError(
        rows < 0 ? .invalidArgument : .dtype,
        "sample: found % of % rows, allowed floating point and 0 rows or more", sample.elementType.name, rows)
    }
    let look = watched.look(quantity)
    switch quantity {
    case .weight: watched.sample?.add(sample, stamp: serial, rateSum: series.rateSum)
    case .preactivation:
      if look.pointee.summary.nonfiniteCount == 0 { try watched.units?.add(sample, turn: serial, scratch) }
    case .attention: watched.attention?.add(sample)
    default: break
    }
    look.pointee.typeLimit = sample.elementType.greatestFinite
    guard rows > 0 else { return }
    look.pointee.rows = rows
    look.pointee.columns = look.pointee.summary.count / rows
  }

  private func opened(_ index: Int, _ quantity: Quantity) throws(TrimtabError) -> Watched {
    guard isOpen else { throw TrimtabError(.invalidArgument, "monitor: found no open step, allowed within one") }
    let watched = try watched(index)
    guard quantity.kind == watched.entry.role.kind else {
      throw TrimtabError(
        .invalidArgument,
        "quantity: found % of another kind of entry, allowed gradient and weight of parameters, the rest of layers",
        quantity.key
      )
    }
    return watched
  }

  private func take(_ summary: Summary, _ watched: Watched, _ quantity: Quantity, rank: Int, limit: Double) {
    shown |= 1 << UInt32(quantity.rawValue)
    watched.look(quantity).pointee.add(summary, rank: rank, stamp: serial)
    watched.look(quantity).pointee.typeLimit = limit
    let isScale = quantity == .preactivation || quantity == .output && watched.entry.activation == nil
    if isScale, watched.firstScale.isNaN {
      watched.firstScale = watched.look(quantity).pointee.rootMeanSquare
      if watched.entry.order == 0, watched.entry.activation == nil {
        if watched.firstScale > series.inputScale {
          (series.inputScale, series.inputIndex) = (watched.firstScale, watched.index)
        }
      }
    }
  }

  /// Takes a scalar of this step; NaN and Inf are themselves a finding.
  public func observe(_ scalar: Scalar, _ value: Double) throws(TrimtabError) {
    guard isOpen else { throw TrimtabError(.invalidArgument, "monitor: found no open step, allowed within one") }
    if scalar == .overheadSeconds {
      if value > 0, value.isFinite { governor.spendInAll(value) }
    } else {
      scalars[scalar] = value
    }
  }

  /// Whether any entry was shown so.
  func hasShown(_ quantity: Quantity) -> Bool { shown & (1 << UInt32(quantity.rawValue)) != 0 }

  /// What an entry's quantity has come to in the open step; nil if it was not seen in it.
  func seen(_ watched: Watched, _ quantity: Quantity) -> UnsafeMutablePointer<Look>? {
    // What nothing was shown of in this step is not worth a look into memory.
    guard hasShown(quantity) else { return nil }
    let look = watched.look(quantity)
    return look.pointee.stamp == serial && serial > 0 ? look : nil
  }
}
