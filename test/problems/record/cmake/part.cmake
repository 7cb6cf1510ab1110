function(check_part n)
  if(n GREATER 2)
    message(SEND_ERROR "There are ${n} parts,
  two at most")
  endif()
endfunction()
