block b0
  LOAD ub_addr=0x502 dram_addr=0x51a6b557bde7 base_reg=1 bytes=45 n0=4 dram_pitch0=54 dram_pitch1=180 ub_pitch0=54 ub_pitch1=188 class=7
  LOAD ub_addr=0x201 dram_addr=0x51a6b557c4e3 base_reg=1 bytes=256 class=4 done_to_vector
  VTABLE a=0x201 take_load=1 done_to_load
  LOAD ub_addr=0x101 dram_addr=0x51a6b557c318 base_reg=1 bytes=256 class=4 done_to_vector
  VTABLE a=0x101 number=1 take_load=1 read_to_load
  LOAD ub_addr=0x3 dram_addr=0x51a6b557b973 base_reg=1 bytes=256 class=4 take_vector_read=1 done_to_wload done_to_vector
  VTABLE a=0x3 number=2 take_load=1 read_to_load
  VSOFTMAX a=0x60c n0=2 n1=2 n=5 a_s0=5 a_s1=-10 d=0x60c d_s0=5 d_s1=-10 scale_a=0x3c00afaa lo=-128 hi=127
  LOAD ub_addr=0x202 dram_addr=0xe9db2e94371e base_reg=2 bytes=195 dram_pitch0=202 dram_pitch1=195 ub_pitch0=152 ub_pitch1=199 class=7 done_to_vector
  LOAD ub_addr=0x2 dram_addr=0xe9db2e942ef4 base_reg=2 bytes=17 n0=4 dram_pitch0=17 dram_pitch1=68 ub_pitch0=17 ub_pitch1=69 class=3 take_vector_read=1
  LOAD ub_addr=0x36d dram_addr=0x51a6b557c763 base_reg=1 n0=8 dram_pitch0=512 ub_pitch0=1 class=4 done_to_store done_to_wload done_to_vector
  VACC a_s0=2 a_s1=2 b_s0=1 b_s1=7 d=0x503 d_s0=1 d_s1=1 scale_b=0x4401295b lo=-56 hi=70 read_to_store
  VTABLE a=0x105 take_load=1 read_to_wload
  WLOAD_UB ub_addr=0x101 k_used=12 ub_pitch=1 class=5 take_load=1 take_vector_read=1
  MATMUL ub_addr=0x42c k_used=12 stride0=12 stride1=13 stride2=24 next_tile
  WLOAD dram_addr=0xb86ede94b9fa k_used=5 transposed class=1
  WLOAD dram_addr=0xb86ede94c210 k_used=12 class=6
  MATMUL ub_addr=0x42c k_used=12 stride0=12 stride1=13 stride2=24 accumulate next_tile read_to_wload
  WLOAD_UB ub_addr=0x405 k_used=5 ub_pitch=6 transposed class=3 take_matmul_read=1 done_to_store done_to_matmul
  MATMUL ub_addr=0x42c k_used=12 stride0=12 stride1=13 stride2=24 accumulate next_tile take_wload=1 done_to_load
  WLOAD dram_addr=0xb86ede94b35e diagonal class=5
  MATMUL ub_addr=0x42c k_used=12 stride0=12 stride1=13 stride2=24 accumulate next_tile
  MATMUL ub_addr=0x42c k_used=12 stride0=12 stride1=13 stride2=24 accumulate next_tile read_to_vector
  WLOAD_UB ub_addr=0x101 k_used=12 ub_pitch=8 transposed class=4
  MATMUL ub_addr=0x42c k_used=12 stride0=12 stride1=13 stride2=24 accumulate next_tile done_to_vector
  VACC a_s0=2 b_s0=-1 b_s1=5 d=0x301 d_s1=1 param=0x36d scale_b=0x4c01919d lo=-128 hi=127 params table take_load=1 take_matmul_done=1 read_to_store done_to_store
  STORE ub_addr=0x23d dram_addr=0xb86ede94aee4 bytes=184 n1=2 dram_pitch0=184 dram_pitch1=184 ub_pitch0=184 ub_pitch1=184 class=5 take_load=1 take_vector_read=2 take_vector_done=1
  LOAD_SYNC done_to_vector
  STORE_SYNC done_to_vector
  WLOAD_SYNC done_to_vector
  MATMUL_SYNC done_to_vector
  VECTOR_SYNC fence take_load=1 take_store=1 take_wload=1 take_matmul_read=1 take_matmul_done=1 done_to_load done_to_store done_to_wload done_to_matmul
  LOAD_SYNC take_matmul_done=1 take_vector_done=2
  STORE_SYNC take_wload=1 take_vector_done=1
  WLOAD_SYNC take_load=1 take_vector_done=1
  MATMUL_SYNC take_vector_done=1
call b0 base0=0x479a0e5dea7b base1=0xbf57ea1a44d0 base2=0x36d427664920
call b0 base0=0x4855f9ad2804 base1=0xbf57ea1a44d0 base2=0x366e8618ebce
call b0 base0=0x4855f9ad2804 base1=0xbf57ea1a44d0 base2=0x366e8618ebce
