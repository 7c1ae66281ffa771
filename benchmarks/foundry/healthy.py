def healthy_programs(): return []
