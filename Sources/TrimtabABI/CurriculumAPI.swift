public import CTrimtab
internal import Trimtab

private func write(_ found: CurriculumReport, to target: ReportTarget<trimtab_curriculum_state>) {
  var c = trimtab_curriculum_state()
  c.decision = found.decision.rawValue
  c.level = Int64(found.level)
  c.level_count = Int64(found.levelCount)
  c.fade_weight = found.fadeWeight
  c.good_audit_count = Int64(found.goodAuditCount)
  c.audit_count = Int64(found.auditCount)
  c.image_count = Int64(found.imageCount)
  c.is_complete = found.isComplete ? 1 : 0
  target.write(c)
}

@c @implementation public func trimtab_curriculum_create(
  _ given: UnsafePointer<trimtab_curriculum_options>!, _ curriculum: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(curriculum, "curriculum")
    var engine = CurriculumOptions()
    if let given = try options(given) {
      engine.levelCount = Int(given.level_count)
      engine.growOverlap = given.grow_overlap
      engine.leastOverlap = given.least_overlap
      engine.patience = Int(given.patience)
      engine.fadeImages = Int(given.fade_images)
    }
    target.pointee = retain(try Curriculum(options: engine))
  }
}

@c @implementation public func trimtab_curriculum_audit(
  _ curriculum: OpaquePointer!, _ images: Int64, _ overlap: Double, _ isPlateau: Int32,
  _ state: UnsafeMutablePointer<trimtab_curriculum_state>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let curriculum = try object(curriculum, as: Curriculum.self, "curriculum")
    let target = try ReportTarget(state, "state")
    write(try curriculum.audit(images: Int(images), overlap: overlap, isPlateau: isPlateau != 0), to: target)
  }
}

@c @implementation public func trimtab_curriculum_report(
  _ curriculum: OpaquePointer!, _ state: UnsafeMutablePointer<trimtab_curriculum_state>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let curriculum = try object(curriculum, as: Curriculum.self, "curriculum")
    let target = try ReportTarget(state, "state")
    write(curriculum.report(), to: target)
  }
}

@c @implementation public func trimtab_curriculum_save(
  _ curriculum: OpaquePointer!, _ buffer: UnsafeMutableRawPointer!, _ capacity: Int64,
  _ needed: UnsafeMutablePointer<Int64>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let curriculum = try object(curriculum, as: Curriculum.self, "curriculum")
    try save(kind: .curriculum, version: Curriculum.stateVersion, into: buffer, capacity: capacity, needed: needed) {
      curriculum.write(to: &$0)
    }
  }
}

@c @implementation public func trimtab_curriculum_load(
  _ buffer: UnsafeRawPointer!, _ length: Int64, _ curriculum: UnsafeMutablePointer<OpaquePointer?>!
) -> trimtab_status {
  boundary { () throws(TrimtabError) in
    let target = try required(curriculum, "curriculum")
    target.pointee = retain(try Curriculum.load(try stateBytes(buffer, length)))
  }
}

@c @implementation public func trimtab_curriculum_destroy(_ curriculum: OpaquePointer!) {
  release(curriculum, as: Curriculum.self)
}
