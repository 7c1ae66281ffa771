public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_summarize(
  _ tensor: UnsafePointer<trimtab_tensor>!, _ summary: UnsafeMutablePointer<trimtab_summary>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let tensor = try view(of: tensor)
    let summary = try required(summary, "summary")
    write(summarize(tensor), to: summary)
  }
}

@c @implementation public func trimtab_summarize_all(
  _ tensors: UnsafePointer<trimtab_tensor>!, _ count: Int64, _ summaries: UnsafeMutablePointer<trimtab_summary>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    guard count >= 0 else { throw TrimtabError(.invalidArgument, "count: found %, allowed 0 or more", count) }
    guard count > 0 else { return }
    let tensors = try required(tensors, "tensors")
    let summaries = try required(summaries, "summaries")
    // All views are checked before the first summary is written.
    for index in 0..<Int(count) where CompactTensor(tensors + index) == nil {
      _ = try view(at: index, of: tensors, "tensors")
    }
    var summary = Summary()
    for index in 0..<Int(count) {
      if let compact = CompactTensor(tensors + index) {
        summarize(
          contiguous: compact.base, count: compact.count, elementType: compact.elementType, into: &summary)
      } else {
        summary = summarize(try view(at: index, of: tensors, "tensors"))
      }
      write(summary, to: summaries + index)
    }
  }
}

@c @implementation public func trimtab_summary_identity(
  _ summary: UnsafeMutablePointer<trimtab_summary>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in write(.identity, to: try required(summary, "summary")) }
}

@c @implementation public func trimtab_summary_merge(
  _ summary: UnsafeMutablePointer<trimtab_summary>!, _ other: UnsafePointer<trimtab_summary>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(summary, "summary")
    var merged = Summary(UnsafeRawPointer(target).loadUnaligned(as: trimtab_summary.self))
    try merged.merge(Summary(UnsafeRawPointer(try required(other, "other")).loadUnaligned(as: trimtab_summary.self)))
    write(merged, to: target)
  }
}

func write(_ summary: Summary, to target: UnsafeMutablePointer<trimtab_summary>) {
  UnsafeMutableRawPointer(target).storeBytes(of: trimtab_summary(summary), as: trimtab_summary.self)
}
