block b0
  LOAD ub_addr=0x99 dram_addr=0xe51 base_reg=1 bytes=256 class=4 done_to_matmul done_to_vector
  VTABLE a=0x99 take_load=1 read_to_matmul done_to_load
  LOAD ub_addr=0x26d dram_addr=0xb80 bytes=256 class=4 take_vector_done=1 done_to_vector
  VTABLE a=0x26d number=1 take_load=1 read_to_load
  LOAD ub_addr=0x280 dram_addr=0x809 bytes=256 class=4 take_vector_read=1 done_to_vector
  VTABLE a=0x280 number=2 take_load=1 read_to_load read_to_store read_to_wload
  LOAD ub_addr=0x383 dram_addr=0xb3b53eb04711 base_reg=2 bytes=50 dram_pitch0=50 dram_pitch1=50 ub_pitch0=50 ub_pitch1=53
  layer 1
  LOAD ub_addr=0x381 dram_addr=0xb3b53eb05349 base_reg=2 n0=3 dram_pitch0=1 dram_pitch1=3 ub_pitch0=1 ub_pitch1=-8 class=1
  FILL ub_addr=0x100 byte=50 bytes=60 n0=3 n1=3 ub_pitch0=60 ub_pitch1=180 class=5 take_vector_read=1 done_to_store done_to_wload done_to_vector
  WLOAD dram_addr=0x15d base_reg=1 k_used=6 n_used=6 diagonal class=1
  WLOAD dram_addr=0x8a5 base_reg=1 k_used=14 n_used=8 class=3
  MATMUL ub_addr=0x85 n0=6 k_used=14 stride0=5 stride1=16 stride2=32 acc_row=0x3 acc_bank next_tile take_load=1 take_vector_read=1 read_to_load
  WLOAD_UB ub_addr=0x203 k_used=14 n_used=16 ub_pitch=16 class=7 take_load=1 take_vector_read=1 done_to_load done_to_vector
  WLOAD_UB ub_addr=0x185 k_used=14 n_used=14 ub_pitch=14 diagonal class=5
  MATMUL ub_addr=0x85 n0=6 k_used=14 stride0=5 stride1=16 stride2=32 acc_row=0x3 acc_bank accumulate next_tile
  WLOAD dram_addr=0x1180 k_used=14 class=6 done_to_vector
  MATMUL ub_addr=0x85 n0=6 k_used=14 stride0=5 stride1=16 stride2=32 acc_row=0x3 acc_bank accumulate next_tile
  MATMUL ub_addr=0x85 n0=6 k_used=14 stride0=5 stride1=16 stride2=32 acc_row=0x3 acc_bank accumulate next_tile
  MATMUL ub_addr=0x85 n0=6 k_used=14 stride0=5 stride1=16 stride2=32 acc_row=0x3 acc_bank accumulate next_tile
  VACC acc_row=0x8 n1=2 n=14 a_s0=2 a_s1=2 b_s0=14 b_s1=14 d=0x303 d_s0=14 d_s1=18 param=0x203 scale_b=0x3c01ad7b lo=76 hi=118 params take_load=1 take_wload=1 read_to_load done_to_store
  STORE ub_addr=0x303 dram_addr=0x820 bytes=5 dram_pitch0=5 dram_pitch1=5 ub_pitch0=5 ub_pitch1=6 class=3 take_load=1 take_vector_read=1 take_vector_done=1
  STORE ub_addr=0x200 dram_addr=0x3d3 bytes=42 n0=4 dram_pitch0=42 dram_pitch1=104 ub_pitch0=42 ub_pitch1=168 class=4 done_to_load done_to_matmul done_to_vector
  LOAD ub_addr=0x201 dram_addr=0x79 base_reg=1 bytes=26 n0=3 dram_pitch0=-31 dram_pitch1=78 ub_pitch0=26 ub_pitch1=82 class=2 take_store=1 take_wload=1 take_vector_read=1 done_to_vector
  MATMUL ub_addr=0x2ea k_used=14 stride0=5 stride1=18 stride2=21 acc_row=0xa acc_bank take_store=1
  VSOFTMAX a=0x183 n0=6 n=14 a_s0=23 a_s1=84 d=0x183 d_s0=23 d_s1=84 scale_a=0x4800d369 lo=122 hi=124 table take_load=1 take_store=1 take_wload=1
call b0 base0=0x4c0a53e040 base1=0x10063b311359 base2=0x6cffc8eddfd0
